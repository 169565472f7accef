package anycast.routing.pick;

import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;

/// Where this process stands.
public record Locality(NodeId node, RegionCode region) {}
