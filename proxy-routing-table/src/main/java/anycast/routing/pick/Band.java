package anycast.routing.pick;

/// Degrees of nearness by round trip, each about three times as wide as the one before: within one,
/// load and latency matter more than the way.
///
/// A node that is in a band leaves it only when its round trip is a quarter beyond the band's end,
/// so that noise at a border moves nobody.
final class Band {
  /// The process' own host.
  static final int SAME_NODE = 0;

  /// Where nodes of the own region are until they are measured.
  static final int NEAR = 1;

  /// Nothing is known, not even of its region.
  static final int UNKNOWN = 7;

  static final int COUNT = 8;

  private static final long MILLI = 1_000_000L;

  /// Ends of the bands 1 to 5 in nanoseconds. A region's sites are within 3 ms, its neighbours
  /// within 10, a country within 30, a continent and the sea beside it within 90, and 270 reaches
  /// all but the antipodes.
  private static final long[] ENDS = {3 * MILLI, 10 * MILLI, 30 * MILLI, 90 * MILLI, 270 * MILLI};

  /// Beyond the last end.
  private static final int FARTHEST = 6;

  private Band() {}

  static int of(long roundTripNanos) {
    int band = NEAR;
    while (band < FARTHEST && roundTripNanos >= ENDS[band - 1]) {
      band++;
    }
    return band;
  }

  /// The band of a node that was in `before`; [#UNKNOWN] = in none.
  static int of(long roundTripNanos, int before) {
    if (before == UNKNOWN) {
      return of(roundTripNanos);
    }
    boolean farther = before < FARTHEST && roundTripNanos >= ENDS[before - 1] * 5 / 4;
    boolean nearer = before > NEAR && roundTripNanos < ENDS[before - 2] * 4 / 5;
    return farther || nearer ? of(roundTripNanos) : before;
  }

  static String name(int band) {
    return switch (band) {
      case SAME_NODE -> "same node";
      case UNKNOWN -> "round trip unknown";
      case FARTHEST -> "270 ms and more";
      default -> "under " + ENDS[band - 1] / MILLI + " ms";
    };
  }
}
