package anycast.backhaul.link;

/// How long not to dial a node that could not be reached: doubling from 100 ms to 2 s, each length
/// drawn from its upper half, so that the loops of all edges do not come back at one instant.
///
/// 100 ms is longer than a round trip to most regions, and 2 s is what a returned worker may wait
/// for its traffic at the longest.
///
/// **Threading.** One event loop.
final class Backoff {
  private static final long FIRST_NANOS = 100_000_000L;
  private static final long LAST_NANOS = 2_000_000_000L;

  private int failures;
  private long untilNanos;

  /// @param random 64 random bits
  void onFailure(long nowNanos, long random) {
    long lengthNanos = Math.min(LAST_NANOS, FIRST_NANOS << Math.min(failures, 10));
    failures++;
    long half = lengthNanos / 2;
    untilNanos = nowNanos + half + Long.remainderUnsigned(random, half + 1);
  }

  void onSuccess() {
    failures = 0;
  }

  /// How many failures there were without a success.
  int failures() {
    return failures;
  }

  /// Whether a dial is worth it now.
  boolean over(long nowNanos) {
    return failures == 0 || nowNanos - untilNanos >= 0;
  }
}
