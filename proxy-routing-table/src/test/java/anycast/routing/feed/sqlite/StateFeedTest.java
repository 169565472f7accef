package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Eventually;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.RecordingSink;
import anycast.routing.feed.RecordingTable;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.QuietSource;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.StateException;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// From the store to the table over real sockets and a real file.
@Timeout(120)
final class StateFeedTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  @TempDir Path directory;

  private StateServer server;
  private StateClient client;

  @BeforeEach
  void start() throws Exception {
    server = serve("state.db", Optional.empty());
    client = new StateClient(List.of(server.uri()), Optional.empty());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private StateServer serve(String file, Optional<String> token) throws Exception {
    StateStore store = StateStore.open(directory.resolve(file), Ticker.system());
    return StateServer.start(store, new InetSocketAddress("127.0.0.1", 0), token, Ticker.system());
  }

  private static CorrosionSource source(URI... agents) {
    return new CorrosionSource(
        CorrosionConfig.of(List.of(agents), Optional.empty()),
        EnumSet.allOf(Table.class),
        Ticker.system());
  }

  private static Instance instance(String id, Instance.State state, long generation) {
    return new Instance(
        new InstanceId(id),
        new AppId("shop"),
        new NodeId("n1"),
        new RegionCode("fra"),
        "127.0.0.1",
        9000,
        state,
        Map.of("tier", "gold"),
        generation);
  }

  private static App app(String name, long generation) {
    return new App(new AppId(name), generation);
  }

  private void put(Entity... entities) throws Exception {
    client.transact(Arrays.stream(entities).map(e -> Statement.put(e, 1)).toList());
  }

  @Test
  void whatIsWrittenArrivesInTheTable() throws Exception {
    Instance started = instance("i1", Instance.State.STARTED, 1);
    put(app("shop", 1), started);
    RecordingTable table = new RecordingTable();
    try (FeedFollower follower = table.follower(source(server.uri()), Ticker.system())) {
      follower.start();
      assertTrue(follower.awaitLoaded(DEADLINE));
      assertEquals(started, table.entities().get(started.key()));
      put(app("blog", 1));
      table.await("blog", all -> all.containsKey(app("blog", 1).key()));
      client.transact(List.of(Statement.remove(Table.APPS, "blog")));
      table.await("no blog", all -> !all.containsKey(app("blog", 1).key()));
    }
  }

  @Test
  void equalContentAfterARestartDoesNotMakeANewVersion() throws Exception {
    put(app("a", 1), instance("i1", Instance.State.STARTED, 1));
    SnapshotBuilder builder =
        new SnapshotBuilder(new Locality(new NodeId("edge"), new RegionCode("fra")));
    RoutingTable table = new RoutingTable(builder.empty());
    try (Relay relay = new Relay(server.uri());
        FeedFollower follower =
            new FeedFollower(table, builder, source(relay.uri()), Ticker.system())) {
      follower.start();
      assertTrue(follower.awaitLoaded(DEADLINE));
      RoutingSnapshot loaded = table.current();
      assertEquals(1, loaded.counts().instances());
      for (Table each : Table.values()) {
        follower.resync(each);
      }
      new Eventually()
          .await(
              "all snapshots anew",
              () -> follower.status().tables().stream().allMatch(t -> t.snapshots() == 2));
      assertSame(loaded, table.current());
    }
  }

  @Test
  void stoppedInstanceIsSeenWithinASecond() throws Exception {
    Instance started = instance("i1", Instance.State.STARTED, 1);
    put(started);
    RecordingTable table = new RecordingTable();
    try (FeedFollower follower = table.follower(source(server.uri()), Ticker.system())) {
      follower.start();
      assertTrue(follower.awaitLoaded(DEADLINE));
      Instance stopped = instance("i1", Instance.State.STOPPED, 2);
      put(stopped);
      table.awaitWithin(
          Duration.ofSeconds(1), "stopped", all -> stopped.equals(all.get(started.key())));
    }
  }

  @Test
  void beatsReachTheFollowerAndNotTheTable() throws Exception {
    RecordingTable table = new RecordingTable();
    try (FeedFollower follower = table.follower(source(server.uri()), Ticker.system())) {
      follower.start();
      client.transact(List.of(Statement.put(Table.BEATS, List.of("n1", 7L, 0L, 0L))));
      Eventually eventually = new Eventually();
      eventually.await("the beat", () -> follower.beats().containsKey(new NodeId("n1")));
      assertEquals(7, follower.beats().get(new NodeId("n1")).seq());
      assertEquals(0, table.deltas());
    }
  }

  @Test
  void rowThatCannotBeDecodedIsNamedAndTheRestRoutes() throws Exception {
    put(instance("i1", Instance.State.STARTED, 1), instance("i2", Instance.State.STARTED, 1));
    client.transact(
        List.of(Statement.of("UPDATE instances SET labels = ? WHERE id = ?", "{oops", "i2")));
    RecordingTable table = new RecordingTable();
    try (FeedFollower follower = table.follower(source(server.uri()), Ticker.system())) {
      follower.start();
      assertTrue(follower.awaitLoaded(DEADLINE));
      assertEquals(1, table.entities().size());
      var skipped = follower.status().skipped().getFirst();
      assertEquals("n1/i2", skipped.row());
      assertTrue(skipped.reason().startsWith("labels is not JSON"), skipped.reason());
    }
  }

  @Test
  void resumesByIdAfterADroppedConnection() throws Exception {
    put(app("a", 1));
    RecordingSink sink = new RecordingSink();
    try (Relay relay = new Relay(server.uri());
        CorrosionSource source = source(relay.uri())) {
      source.start(sink);
      sink.await(
          "loaded",
          events -> count(events, SourceEvent.SnapshotEnded.class) == Table.values().length);
      put(app("b", 1));
      sink.await("b", events -> count(events, SourceEvent.Changed.class) == 1);
      relay.cut();
      put(app("c", 1));
      sink.await("c", events -> count(events, SourceEvent.Changed.class) == 2);
      List<SourceEvent> apps = sink.of(Table.APPS);
      assertEquals(1, count(apps, SourceEvent.SnapshotBegun.class));
      assertEquals(1, count(apps, SourceEvent.Resumed.class));
      assertEquals(2, ((SourceEvent.Changed) apps.getLast()).position());
    }
  }

  /// Waits for a stream that is being renewed at the moment.
  private static void forget(Relay relay, String... requests) {
    while (Arrays.stream(requests).mapToInt(relay::forget).sum() == 0) {
      Thread.onSpinWait();
    }
  }

  /// The connection of one table is forgotten by what lies between, and beats go on to arrive on
  /// theirs.
  @Test
  void changeOnAConnectionThatDiedAloneArrivesAfterTheQuietTime() throws Exception {
    RecordingSink sink = new RecordingSink();
    try (Relay relay = new Relay(server.uri());
        CorrosionSource source =
            QuietSource.of(
                relay.uri(), EnumSet.of(Table.APPS, Table.BEATS), Duration.ofSeconds(1))) {
      source.start(sink);
      sink.await("loaded", events -> count(events, SourceEvent.SnapshotEnded.class) >= 2);
      put(app("a", 1));
      sink.await("a", events -> count(events, SourceEvent.Changed.class) == 1);
      String stream =
          sink.of(Table.APPS).stream()
              .filter(SourceEvent.SnapshotEnded.class::isInstance)
              .map(event -> ((SourceEvent.SnapshotEnded) event).watermark().stream())
              .findFirst()
              .orElseThrow();
      List<SourceEvent> before = sink.of(Table.APPS);
      forget(relay, "FROM apps", stream);
      put(app("b", 1));
      client.transact(List.of(Statement.put(Table.BEATS, List.of("n1", 7L, 0L, 0L))));
      sink.await("b and a beat", events -> count(events, SourceEvent.Changed.class) == 3);
      List<SourceEvent> apps = sink.of(Table.APPS);
      assertEquals(before, apps.subList(0, before.size()));
      assertEquals(before.size() + 1, apps.size(), "nobody was told of a loss");
    }
  }

  @Test
  void changeOnAConnectionThatDiedBeforeItsFirstOneArrivesByASnapshot() throws Exception {
    RecordingSink sink = new RecordingSink();
    try (Relay relay = new Relay(server.uri());
        CorrosionSource source =
            QuietSource.of(relay.uri(), EnumSet.of(Table.BEATS), Duration.ofSeconds(1))) {
      source.start(sink);
      sink.await("loaded", events -> count(events, SourceEvent.SnapshotEnded.class) == 1);
      forget(relay, "FROM beats");
      client.transact(List.of(Statement.put(Table.BEATS, List.of("n1", 7L, 0L, 0L))));
      sink.await(
          "the beat",
          events ->
              events.stream()
                  .anyMatch(e -> e instanceof SourceEvent.Row || e instanceof SourceEvent.Changed));
      assertEquals(0, count(sink.of(Table.BEATS), SourceEvent.Lost.class));
    }
  }

  private static long count(List<SourceEvent> events, Class<? extends SourceEvent> type) {
    return events.stream().filter(type::isInstance).count();
  }

  @Test
  void restartedServerIsANewSnapshotThatTouchesOnlyWhatDiffers() throws Exception {
    put(app("a", 1), app("b", 1), instance("i1", Instance.State.STARTED, 1));
    RecordingTable table = new RecordingTable();
    try (Relay relay = new Relay(server.uri());
        FeedFollower follower = table.follower(source(relay.uri()), Ticker.system())) {
      follower.start();
      assertTrue(follower.awaitLoaded(DEADLINE));
      put(app("b", 2));
      table.await("b2", all -> all.containsValue(app("b", 2)));
      int before = table.changes().size();
      client.close();
      server.close();
      server = serve("state.db", Optional.empty());
      client = new StateClient(List.of(server.uri()), Optional.empty());
      relay.leadTo(server.uri());
      relay.cut();
      put(app("c", 1));
      table.await("c", all -> all.containsValue(app("c", 1)));
      Eventually eventually = new Eventually();
      eventually.await(
          "all snapshots anew",
          () -> follower.status().tables().stream().allMatch(t -> t.snapshots() == 2));
      assertEquals(before + 1, table.changes().size());
      assertTrue(follower.status().tables().stream().allMatch(t -> t.connected()));
    }
  }

  @Test
  void goesToTheNextAgentAndTakesItsSnapshot() throws Exception {
    put(app("a", 1), app("old", 1));
    try (StateServer other = serve("other.db", Optional.empty());
        StateClient otherClient = new StateClient(List.of(other.uri()), Optional.empty());
        Relay relay = new Relay(server.uri())) {
      otherClient.transact(List.of(Statement.put(app("a", 1), 1)));
      RecordingTable table = new RecordingTable();
      try (FeedFollower follower =
          table.follower(source(relay.uri(), other.uri()), Ticker.system())) {
        follower.start();
        assertTrue(follower.awaitLoaded(DEADLINE));
        relay.die();
        table.await("the other's apps", all -> all.size() == 1);
        assertTrue(table.entities().containsValue(app("a", 1)));
      }
    }
  }

  @Test
  void resyncTakesANewSnapshot() throws Exception {
    RecordingTable table = new RecordingTable();
    try (FeedFollower follower = table.follower(source(server.uri()), Ticker.system())) {
      follower.start();
      assertTrue(follower.awaitLoaded(DEADLINE));
      follower.resync(Table.APPS);
      new Eventually()
          .await("a second", () -> follower.status().tables().getFirst().snapshots() == 2);
      put(app("late", 1));
      table.await("late", all -> all.containsValue(app("late", 1)));
    }
  }

  @Test
  void wrongTokenIsSaidAndTheRightOneWorks() throws Exception {
    try (StateServer guarded = serve("guarded.db", Optional.of("secret"));
        StateClient wrong = new StateClient(List.of(guarded.uri()), Optional.of("guess"));
        StateClient right = new StateClient(List.of(guarded.uri()), Optional.of("secret"))) {
      StateException refused =
          assertThrows(
              StateException.class, () -> wrong.transact(List.of(Statement.put(app("a", 1), 1))));
      assertEquals(401, refused.status());
      assertTrue(refused.getMessage().contains("bearer token"), refused.getMessage());
      right.transact(List.of(Statement.put(app("a", 1), 1)));
      RecordingTable table = new RecordingTable();
      var source =
          new CorrosionSource(
              CorrosionConfig.of(List.of(guarded.uri()), Optional.of("guess")),
              EnumSet.allOf(Table.class),
              Ticker.system());
      try (FeedFollower follower = table.follower(source, Ticker.system())) {
        follower.start();
        new Eventually()
            .await(
                "the reason",
                () -> follower.status().tables().getFirst().lastLoss().contains("bearer token"));
      }
    }
  }

  @Test
  void clientPassesOverADeadAgent() throws Exception {
    Relay dead = new Relay(server.uri());
    dead.die();
    try (StateClient two = new StateClient(List.of(dead.uri(), server.uri()), Optional.empty());
        StateClient none = new StateClient(List.of(dead.uri()), Optional.empty())) {
      two.transact(List.of(Statement.put(app("a", 1), 1)));
      assertEquals(
          List.of(List.of("a", 1L)), two.query(Statement.of("SELECT name, gen FROM apps")));
      StateException refused =
          assertThrows(StateException.class, () -> none.query(Statement.of("SELECT 1")));
      assertTrue(refused.getMessage().contains("cannot connect"), refused.getMessage());
    }
  }

  @Test
  void aRegionalSourceHearsOfItsRegionOnly() throws Exception {
    Instance here = instance("i1", Instance.State.STARTED, 1);
    Instance there =
        new Instance(
            new InstanceId("i2"),
            here.app(),
            here.node(),
            new RegionCode("lhr"),
            here.address(),
            here.port(),
            here.state(),
            here.labels(),
            1);
    put(there);
    CorrosionConfig regional =
        new CorrosionConfig(
            List.of(server.uri()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            CorrosionConfig.DEFAULT_STICKINESS,
            Optional.of(new RegionCode("fra")));
    RecordingTable table = new RecordingTable();
    CorrosionSource source =
        new CorrosionSource(regional, EnumSet.of(Table.INSTANCES), Ticker.system());
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      put(here);
      table.await("i1", all -> all.containsKey(here.key()));
      assertEquals(1, table.entities().size());
    }
  }
}
