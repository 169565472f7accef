package anycast.routing.table;

/// What virtual services come to: rules by host, and the target groups that they name.
///
/// @param services those of documents, by name
/// @param labelled those that labels make
record RuleDirectory(
    ShardMap<Named<CompiledService>> services,
    HostMap<Named<HostRules>> hosts,
    TargetGroups groups,
    LabelServices labelled) {
  static final RuleDirectory EMPTY =
      new RuleDirectory(
          Named.map(), HostMap.empty(Named.entries()), TargetGroups.EMPTY, LabelServices.EMPTY);
}
