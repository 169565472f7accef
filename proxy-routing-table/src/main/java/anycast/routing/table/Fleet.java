package anycast.routing.table;

/// Instances by id and nodes by id.
record Fleet(ShardMap<Named<InstanceRows>> instances, ShardMap<Named<NodeRows>> nodes) {
  static final Fleet EMPTY = new Fleet(Named.map(), Named.map());
}
