package anycast.routing.model;

/// What the worker beside an instance found when it checked it. Its row's only writer is the
/// worker.
///
/// @param detail one sentence for the operator; empty while passing
public record InstanceHealth(
    NodeId node, InstanceId instance, Status status, String detail, long generation)
    implements Entity {
  /// Whether it takes requests.
  public enum Status {
    PASSING,
    FAILING,
    /// It answers, and what it answers is too old.
    LAGGING
  }

  @Override
  public InstanceHealthKey key() {
    return new InstanceHealthKey(node, instance);
  }
}
