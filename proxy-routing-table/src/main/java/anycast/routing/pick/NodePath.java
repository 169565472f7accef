package anycast.routing.pick;

/// What this process knows of its way to one node: round trip, and whether it works. One object a
/// node, shared by all versions of the node's row and by all candidates on it.
///
/// **Threading.** Any event loop; single fields are volatile, nothing waits.
public final class NodePath {
  private volatile long roundTripNanos = -1;

  /// Smoothed; -1 before the first measurement.
  public long roundTripNanos() {
    return roundTripNanos;
  }

  /// A PING on a link came back.
  public void onRoundTrip(long nanos) {
    long before = roundTripNanos;
    roundTripNanos = before < 0 ? nanos : before + (nanos - before) / 8;
  }

  /// An attempt did not reach the node, or was lost on the way.
  public void onFault(long nowNanos) {}

  /// The node answered.
  public void onSuccess() {}
}
