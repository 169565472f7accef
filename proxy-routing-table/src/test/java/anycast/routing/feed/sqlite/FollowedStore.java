package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Eventually;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// A store on a real file, a writer's client of it, and a follower of all its tables.
final class FollowedStore implements AutoCloseable {
  private static final Duration LOAD = Duration.ofSeconds(30);

  final StateClient client;
  final Eventually eventually = new Eventually();
  private final ServedStore served;
  private final SnapshotBuilder builder =
      new SnapshotBuilder(new Locality(new NodeId("edge"), new RegionCode("fra")));
  private final RoutingTable table = new RoutingTable(builder.empty());

  FollowedStore(Path database) throws Exception {
    served = new ServedStore(database, ServedStore.settings());
    client = new StateClient(List.of(served.server.uri()), Optional.empty());
  }

  /// What is in force.
  RoutingSnapshot current() {
    return table.current();
  }

  /// A follower that has all that was written so far; to be closed.
  ///
  /// @param published told each snapshot, under the lock of [#eventually]
  FeedFollower follow(Consumer<RoutingSnapshot> published) throws InterruptedException {
    FeedFollower.Outside outside =
        new FeedFollower.Outside(
            Ticker.system(),
            InstantSource.system(),
            new SplittableRandom(1),
            null,
            null,
            (snapshot, _) -> eventually.changed(() -> published.accept(snapshot)));
    CorrosionSource source =
        new CorrosionSource(
            CorrosionConfig.of(List.of(served.server.uri()), Optional.empty()),
            EnumSet.allOf(Table.class),
            Ticker.system());
    FeedFollower follower =
        new FeedFollower(
            table,
            builder,
            List.of(new FeedFollower.Named("state", source)),
            FeedLimits.STANDARD,
            outside);
    follower.start();
    assertTrue(follower.awaitLoaded(LOAD));
    return follower;
  }

  @Override
  public void close() {
    client.close();
    served.close();
  }
}
