package anycast.routing.feed;

import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;

/// Puts everything in force as it comes, on the writer's own thread: for tools and tests.
record AtOnce(RoutingTable table, SnapshotBuilder builder, FeedFollower.Outside outside)
    implements Publication {
  @Override
  public Published publish(Delta delta) {
    RoutingSnapshot before = table.current();
    RoutingSnapshot next = builder.apply(before, delta);
    if (next != before) {
      table.publish(next);
      builder.onPublished(delta, next);
      outside.shelf().accept(next, outside.clock().millis());
    }
    return Published.whole(next.version());
  }
}
