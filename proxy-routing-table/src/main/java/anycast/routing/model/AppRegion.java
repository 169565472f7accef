package anycast.routing.model;

/// How many instances of an app one node of a region runs: what the global tier of state knows
/// where only a regional one knows the instances themselves.
///
/// @param node who counts, and the row's only writer
/// @param instances that are started; 0 where the node once had some
public record AppRegion(AppId app, NodeId node, RegionCode region, int instances, long generation)
    implements Entity {
  @Override
  public AppRegionKey key() {
    return new AppRegionKey(app, node);
  }
}
