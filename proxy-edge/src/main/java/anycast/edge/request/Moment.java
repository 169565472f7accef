package anycast.edge.request;

import anycast.backhaul.watchdog.FlightSlot;
import anycast.routing.table.RoutingSnapshot;

/// All that a plan has beside the request: the same moment gives the same plan.
///
/// @param world the snapshot that the whole plan reads
/// @param nowNanos on the process's ticker
/// @param random 64 random bits
/// @param done whether what is planned is done, and not only told
/// @param flight where the planning thread writes what it works on
public record Moment(
    RoutingSnapshot world, long nowNanos, long random, boolean done, FlightSlot flight) {
  /// For a plan that is done.
  public Moment(RoutingSnapshot world, long nowNanos, long random, FlightSlot flight) {
    this(world, nowNanos, random, true, flight);
  }

  /// For one that nobody writes down.
  public Moment(RoutingSnapshot world, long nowNanos, long random) {
    this(world, nowNanos, random, FlightSlot.NONE);
  }

  /// What random bits are wanted for: uses must not see each other's, or the requests that are
  /// copied would be those of one target.
  enum Use {
    TARGET,
    MIRROR,
    AFFINITY
  }

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /// 64 bits for one use.
  long bits(Use use) {
    return mixed(random + GOLDEN * (use.ordinal() + 1));
  }

  /// A number from 0 to `bound` - 1; of 2^64 numbers no more than `bound` fall unevenly.
  static long below(long bound, long bits) {
    return Math.unsignedMultiplyHigh(bits, bound);
  }

  /// Spreads every bit over all (the finalizer of SplitMix64, in its variant 13).
  static long mixed(long bits) {
    long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
