package anycast.routing.pick;

/// What a picker is asked.
///
/// @param attempts how many candidates at most
/// @param affinity hash of the key by which requests belong together; 0 = none
/// @param nowNanos on the process's ticker
/// @param random 64 random bits
/// @param probes whether it may take the one try that an ejected candidate has: only who tells how
///   the try ended
public record PickRequest(
    int attempts, Wish wish, long affinity, long nowNanos, long random, boolean probes) {
  /// No wish, no affinity.
  public static PickRequest of(int attempts, long nowNanos, long random) {
    return new PickRequest(attempts, Wish.NONE, 0, nowNanos, random, true);
  }
}
