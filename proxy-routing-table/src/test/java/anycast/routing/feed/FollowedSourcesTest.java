package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The follower around a real routing table: two sources, last-good, audits, peers.
@Timeout(120)
final class FollowedSourcesTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final NodeId SELF = new NodeId("e1");
  private static final Entity.Key SHOP = new Entity.AppKey(new AppId("shop"));

  private final SnapshotBuilder builder =
      new SnapshotBuilder(new Locality(SELF, new RegionCode("fra")));
  private final RoutingTable table = new RoutingTable(builder.empty());
  private final AtomicLong clock = new AtomicLong();
  private final ScriptedSource global =
      new ScriptedSource(EnumSet.complementOf(EnumSet.of(Table.INSTANCES)));
  private final ScriptedSource regional =
      new ScriptedSource(EnumSet.of(Table.INSTANCES, Table.BEATS));
  private final Eventually eventually = new Eventually();
  private final List<RoutingSnapshot> shelf = new ArrayList<>();
  private final BlockingQueue<List<Decoded.Beat>> answers = new LinkedBlockingQueue<>();
  private final FeedFollower follower =
      new FeedFollower(
          table,
          builder,
          List.of(
              new FeedFollower.Named("global", global),
              new FeedFollower.Named("regional", regional)),
          FeedLimits.STANDARD,
          new FeedFollower.Outside(
              clock::get,
              InstantSource.fixed(Instant.ofEpochMilli(1_000_000)),
              new SplittableRandom(1),
              SELF,
              this::ask,
              (snapshot, _) -> eventually.changed(() -> shelf.add(snapshot))));

  private List<Decoded.Beat> ask() throws IOException {
    List<Decoded.Beat> answer = answers.poll();
    if (answer == null) {
      throw new IOException("nobody answers");
    }
    return answer;
  }

  @AfterEach
  void close() {
    follower.close();
  }

  private void load() throws InterruptedException {
    global.emptyBut(Table.APPS);
    global.begin(Table.APPS);
    global.row(Table.APPS, 1, "shop", 1L);
    global.end(Table.APPS, 0);
    regional.emptyBut();
  }

  @Test
  void isLoadedWhenEverySourceIs() throws InterruptedException {
    follower.start();
    global.emptyBut();
    regional.emptyBut(Table.INSTANCES);
    eventually.await(
        "all but one",
        DEADLINE,
        () -> follower.status().tables().stream().filter(t -> !t.loaded()).count() == 1);
    assertFalse(follower.awaitLoaded(Duration.ZERO));
    regional.begin(Table.INSTANCES);
    regional.end(Table.INSTANCES, 0);
    assertTrue(follower.awaitLoaded(DEADLINE));
  }

  @Test
  void servesLastGoodBeforeAnySourceSpeaks() throws InterruptedException {
    follower.preload(List.of(new App(new AppId("shop"), 1)), 940_000);
    follower.start();
    assertTrue(follower.awaitLoaded(Duration.ZERO));
    assertEquals(1, table.current().find(SHOP).generation());
    assertTrue(follower.status().servesLastGood());
    assertEquals(Duration.ofSeconds(60), follower.age());
    assertInstanceOf(Freshness.StaleButNoPeerIsFresher.class, follower.freshness());
    load();
    eventually.await("no more", DEADLINE, () -> !follower.status().servesLastGood());
    assertEquals(1, shelf.size(), "what is equal is not published again");
    assertInstanceOf(Freshness.Fresh.class, follower.freshness());
  }

  @Test
  void keepsEachPublishedSnapshotOnTheShelf() throws InterruptedException {
    follower.start();
    load();
    eventually.await("one", DEADLINE, () -> shelf.size() == 1);
    assertEquals(table.current().version(), shelf.getFirst().version());
    // Published first, then recorded.
    eventually.await(
        "its change", DEADLINE, () -> follower.changes().since(0).records().size() == 1);
  }

  @Test
  void auditComparesSourceMirrorAndTable() throws InterruptedException {
    follower.start();
    load();
    assertTrue(follower.awaitLoaded(DEADLINE));
    List<Cells> rows = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      rows.add(ScriptedSource.values("app" + i, 1L));
    }
    global.readable.put(Table.APPS, rows);
    follower.audit();
    eventually.await(
        "the report",
        DEADLINE,
        () -> {
          // Time passes, so that the audit settles.
          clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
          return follower.status().audit().isPresent();
        });
    AuditReport report = follower.status().audit().orElseThrow();
    AuditReport.TableAudit apps =
        report.tables().stream()
            .filter(t -> t.feed().equals(new FeedId("global", Table.APPS)))
            .findFirst()
            .orElseThrow();
    assertEquals("", apps.notCompared());
    assertEquals(3_000, apps.missing());
    assertEquals(1, apps.ghosts());
    assertEquals(100, report.named().size());
    assertEquals(Table.APPS, global.resnapshots.poll(30, TimeUnit.SECONDS));
    assertTrue(
        report.tables().stream().anyMatch(t -> t.notCompared().contains("the script has no")));
  }

  @Test
  void asksAPeerOnlyWhileItIsOld() throws InterruptedException {
    follower.start();
    load();
    regional.begin(Table.BEATS);
    regional.row(Table.BEATS, 1, "n1", 5L, 0L, 0L);
    regional.end(Table.BEATS, 0);
    eventually.await("the beat", DEADLINE, () -> follower.beats().containsKey(new NodeId("n1")));
    assertInstanceOf(Freshness.Fresh.class, follower.freshness());
    answers.add(List.of(new Decoded.Beat(new NodeId("n1"), 9, 0, 100)));
    clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
    eventually.await(
        "a peer is fresher",
        DEADLINE,
        () ->
            follower.freshness() instanceof Freshness.Behind(NodeId peer, _, _)
                && peer.equals(new NodeId("n1")));
  }

  @Test
  void opensASilentSourceAnew() throws InterruptedException {
    follower.start();
    load();
    regional.change(SourceEvent.Kind.INSERT, 1, Table.BEATS, 1, "n1", 5L, 0L, 0L);
    regional.change(SourceEvent.Kind.UPDATE, 2, Table.BEATS, 1, "n1", 6L, 0L, 0L);
    eventually.await(
        "the beat", DEADLINE, () -> follower.beats().values().stream().anyMatch(b -> b.seq() == 6));
    clock.addAndGet(TimeUnit.SECONDS.toNanos(11));
    assertEquals("reopened", regional.reopenings.poll(30, TimeUnit.SECONDS));
    assertTrue(global.reopenings.isEmpty());
  }

  @Test
  void resyncsOneFeedOrATableOfEverySource() throws InterruptedException {
    follower.start();
    follower.resync(new FeedId("regional", Table.BEATS));
    assertEquals(Table.BEATS, regional.resnapshots.poll(30, TimeUnit.SECONDS));
    follower.resync(Table.BEATS);
    assertEquals(Table.BEATS, regional.resnapshots.poll(30, TimeUnit.SECONDS));
    assertEquals(Table.BEATS, global.resnapshots.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void operatorLetsWithheldRowsGo() throws InterruptedException {
    follower.start();
    global.emptyBut(Table.APPS);
    global.begin(Table.APPS);
    for (int i = 0; i < 20; i++) {
      global.row(Table.APPS, i + 1, "app" + i, 1L);
    }
    global.end(Table.APPS, 0);
    regional.emptyBut();
    assertTrue(follower.awaitLoaded(DEADLINE));
    global.begin(Table.APPS);
    global.end(Table.APPS, 0);
    eventually.await(
        "all are withheld",
        DEADLINE,
        () ->
            follower.status().tables().stream()
                .anyMatch(t -> t.retained().filter(r -> r.rows() == 20).isPresent()));
    assertEquals(20, table.current().counts().apps());
    follower.accept(Optional.empty());
    eventually.await("none", DEADLINE, () -> table.current().counts().apps() == 0);
  }

  @Test
  void twoSourcesOfOneNameAreAMistake() {
    FeedFollower.Named named = new FeedFollower.Named("a", global);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new FeedFollower(
                table,
                builder,
                List.of(named, named),
                FeedLimits.STANDARD,
                FeedFollower.Outside.of(clock::get)));
  }
}
