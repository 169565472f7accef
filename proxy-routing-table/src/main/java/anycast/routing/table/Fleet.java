package anycast.routing.table;

/// Instances by id and nodes by id.
record Fleet(ShardMap<Entry.Named<InstanceRows>> instances, ShardMap<Entry.Named<NodeRows>> nodes) {
  static final Fleet EMPTY = new Fleet(ShardMap.empty(), ShardMap.empty());
}
