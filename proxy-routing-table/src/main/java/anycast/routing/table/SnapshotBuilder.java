package anycast.routing.table;

/// Snapshot + delta → snapshot, sharing what did not change.
///
/// **Threading.** The single writer's.
public final class SnapshotBuilder {
  public SnapshotBuilder(anycast.routing.pick.Locality self) {}

  public RoutingSnapshot empty() {
    throw new UnsupportedOperationException("A");
  }

  public RoutingSnapshot apply(RoutingSnapshot base, Delta delta) {
    throw new UnsupportedOperationException("A");
  }
}
