package anycast.routing.model;

/// A host of the fleet.
///
/// @param backhaul `host:port` that links connect to; empty on an edge, which accepts no links
public record Node(NodeId id, RegionCode region, Role role, String backhaul, long generation)
    implements Entity {
  /// What the host runs. A host that is both publishes two nodes.
  public enum Role {
    EDGE,
    WORKER
  }

  @Override
  public NodeKey key() {
    return new NodeKey(id);
  }
}
