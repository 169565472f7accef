package anycast.routing.table;

/// Instances by id with what others say of them, nodes by id, and where the apps run as far as only
/// their nodes' counts tell.
record Fleet(
    ShardMap<Named<InstanceRows>> instances,
    ShardMap<Named<NodeRows>> nodes,
    RegionIndex regions,
    StandingIndex standings) {
  static final Fleet EMPTY =
      new Fleet(Named.map(), Named.map(), RegionIndex.EMPTY, StandingIndex.EMPTY);
}
