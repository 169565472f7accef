package anycast.routing.pick;

/// What this process knows of its way to one node: round trip, and whether it works. One object a
/// node, shared by all versions of the node's row and by all candidates on it.
///
/// **Threading.** Any event loop; single fields are volatile, nothing waits. Two loops that measure
/// at once may lose one of both samples; faults are counted by compare-and-set.
public final class NodePath extends Circuit {
  private static final long MILLI = 1_000_000L;

  private volatile long roundTripNanos = -1;
  private volatile int band = Band.UNKNOWN;

  /// Smoothed; -1 before the first measurement.
  public long roundTripNanos() {
    return roundTripNanos;
  }

  /// A PING on a link came back. A sample counts as at most twice what was known: one that waited
  /// for a busy loop says nothing of the way, and a way that became longer is believed after some.
  public void onRoundTrip(long nanos) {
    long before = roundTripNanos;
    long next =
        before < 0
            ? Math.max(0, nanos)
            : before + (Math.clamp(nanos, 0, 2 * before + MILLI) - before) / 8;
    roundTripNanos = next;
    int was = band;
    int is = Band.of(next, was);
    if (is != was) {
      band = is;
    }
  }

  /// An attempt did not reach the node, or was lost on the way.
  public void onFault(long nowNanos) {
    faulted(Tick.of(nowNanos));
  }

  /// The node answered.
  public void onSuccess() {
    succeeded();
  }

  /// With hysteresis; [Band#UNKNOWN] before the first measurement.
  int band() {
    return band;
  }
}
