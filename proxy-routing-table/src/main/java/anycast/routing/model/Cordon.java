package anycast.routing.model;

/// The operator takes an instance out of routing: while the row is there, it gets nothing new. A
/// table of its own, because rows of instances are written by their workers; rows of one
/// transaction take effect together, so that blue and green change places without a gap.
///
/// @param reason for other operators; may be empty
public record Cordon(NodeId node, InstanceId instance, String reason, long generation)
    implements Entity {
  @Override
  public CordonKey key() {
    return new CordonKey(node, instance);
  }
}
