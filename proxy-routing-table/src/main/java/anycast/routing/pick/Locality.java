package anycast.routing.pick;

import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;

/// Where this process stands.
///
/// @param peers its place among the edges of its region
public record Locality(NodeId node, RegionCode region, Peers peers) {
  /// One that knows of no other edges yet.
  public Locality(NodeId node, RegionCode region) {
    this(node, region, new Peers(node));
  }
}
