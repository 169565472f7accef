package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.FeedStatus.SkippedRow;
import anycast.routing.feed.FeedStatus.TableStatus;
import anycast.routing.feed.SourceEvent.Kind;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class FeedFollowerTest {
  private static final Entity.Key SHOP = new Entity.AppKey(new AppId("shop"));

  private final AtomicLong clock = new AtomicLong();
  private final ScriptedSource source = new ScriptedSource();
  private final RecordingTable table = new RecordingTable();
  private final Eventually status = new Eventually();
  private final FeedFollower follower = table.follower(source, clock::get);

  @BeforeEach
  void start() {
    follower.start();
  }

  @AfterEach
  void close() {
    follower.close();
  }

  private void loaded(long shopGeneration) throws InterruptedException {
    source.emptyBut(Table.APPS);
    source.begin(Table.APPS);
    source.row(Table.APPS, 1, "shop", shopGeneration);
    source.end(Table.APPS, 0);
    assertTrue(follower.awaitLoaded(Duration.ofSeconds(20)));
  }

  private TableStatus apps() {
    return follower.status().tables().getFirst();
  }

  /// Waits until the writer has gone past everything that was said so far.
  private void settle() throws InterruptedException {
    long before = follower.status().tables().getLast().snapshots();
    source.begin(Table.BEATS);
    source.end(Table.BEATS, 0);
    status.await(
        "a later snapshot", () -> follower.status().tables().getLast().snapshots() > before);
  }

  @Test
  void publishesNothingBeforeASnapshotIsComplete() throws InterruptedException {
    source.begin(Table.APPS);
    source.row(Table.APPS, 1, "shop", 1L);
    settle();
    assertEquals(0, table.deltas());
    assertFalse(follower.awaitLoaded(Duration.ZERO));
    source.end(Table.APPS, 0);
    table.await("the app", all -> all.containsKey(SHOP));
  }

  @Test
  void theWriterComesRoundWhileThereIsNothingToDo() throws InterruptedException {
    long before = follower.progress().count();
    status.await("three turns", () -> follower.progress().count() >= before + 3);
    assertEquals("feed-follower", follower.thread().getName());
  }

  @Test
  void appliesChangesAfterTheSnapshot() throws InterruptedException {
    loaded(1);
    source.change(Kind.UPDATE, 1, Table.APPS, 1, "shop", 2L);
    source.change(Kind.INSERT, 2, Table.APPS, 2, "blog", 1L);
    source.change(Kind.DELETE, 3, Table.APPS, 1, "shop", 2L);
    table.await("blog alone", all -> all.size() == 1 && !all.containsKey(SHOP));
    status.await("watermark 3", () -> apps().watermark().position() == 3);
  }

  @Test
  void keepsWhatIsEqualInANewSnapshotUntouched() throws InterruptedException {
    loaded(1);
    int before = table.changes().size();
    source.lose(Table.APPS);
    source.begin(Table.APPS);
    source.row(Table.APPS, 77, "shop", 1L);
    source.end(Table.APPS, 0);
    settle();
    assertEquals(before, table.changes().size());
    source.change(Kind.DELETE, 1, Table.APPS, 77, "shop", 1L);
    table.await("no shop", all -> all.isEmpty());
  }

  @Test
  void removesWhatANewSnapshotLacks() throws InterruptedException {
    loaded(1);
    source.change(Kind.INSERT, 1, Table.APPS, 2, "blog", 1L);
    source.begin(Table.APPS);
    source.row(Table.APPS, 1, "blog", 1L);
    source.end(Table.APPS, 4);
    table.await("blog alone", all -> all.size() == 1 && !all.containsKey(SHOP));
  }

  @Test
  void asksForASnapshotWhereAChangeIsMissing() throws InterruptedException {
    loaded(1);
    source.change(Kind.UPDATE, 3, Table.APPS, 1, "shop", 9L);
    assertEquals(Table.APPS, source.resnapshots.poll(20, TimeUnit.SECONDS));
    source.change(Kind.UPDATE, 4, Table.APPS, 1, "shop", 10L);
    settle();
    assertEquals(new App(new AppId("shop"), 1), table.entities().get(SHOP));
    assertTrue(source.resnapshots.isEmpty());
    assertTrue(apps().lastLoss().contains("change 3 came where 1 was due"), apps().lastLoss());
    source.begin(Table.APPS);
    source.row(Table.APPS, 1, "shop", 10L);
    source.end(Table.APPS, 4);
    table.await("generation 10", all -> all.get(SHOP).generation() == 10);
  }

  @Test
  void asksForASnapshotWhereAChangeComesTwice() throws InterruptedException {
    loaded(1);
    source.change(Kind.UPDATE, 1, Table.APPS, 1, "shop", 2L);
    source.change(Kind.UPDATE, 1, Table.APPS, 1, "shop", 2L);
    assertEquals(Table.APPS, source.resnapshots.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void goesOnAfterAResumedStream() throws InterruptedException {
    loaded(1);
    source.change(Kind.UPDATE, 1, Table.APPS, 1, "shop", 2L);
    source.lose(Table.APPS);
    status.await("not connected", () -> !apps().connected());
    source.resume(Table.APPS);
    source.change(Kind.UPDATE, 2, Table.APPS, 1, "shop", 3L);
    table.await("generation 3", all -> all.get(SHOP).generation() == 3);
    assertTrue(source.resnapshots.isEmpty());
  }

  @Test
  void deleteOfTheOldRowidKeepsTheNewRow() throws InterruptedException {
    loaded(1);
    source.change(Kind.INSERT, 1, Table.APPS, 2, "shop", 2L);
    source.change(Kind.DELETE, 2, Table.APPS, 1, "shop", 1L);
    source.change(Kind.INSERT, 3, Table.APPS, 3, "last", 1L);
    table.await("last", all -> all.size() == 2);
    assertEquals(2, table.entities().get(SHOP).generation());
    assertTrue(table.changes().stream().noneMatch(c -> c instanceof Change.Remove));
  }

  @Test
  void rowThatChangesItsKeyTakesTheOldKeyAway() throws InterruptedException {
    loaded(1);
    source.change(Kind.UPDATE, 1, Table.APPS, 1, "renamed", 2L);
    table.await("renamed", all -> all.size() == 1 && !all.containsKey(SHOP));
  }

  @Test
  void skipsARowThatCannotBeDecodedAndNamesIt() throws InterruptedException {
    source.emptyBut(Table.INSTANCES);
    source.begin(Table.INSTANCES);
    Object[] good = {"n1", "i1", "shop", "fra", "127.0.0.1", 80L, "started", "{}", 1L, 0L};
    Object[] bad = {"n1", "i2\nx", "shop", "fra", "127.0.0.1", 80L, "flying", "{}", 1L, 0L};
    source.row(Table.INSTANCES, 1, good);
    source.row(Table.INSTANCES, 2, bad);
    source.end(Table.INSTANCES, 0);
    assertTrue(follower.awaitLoaded(Duration.ofSeconds(20)));
    assertEquals(1, table.entities().size());
    List<SkippedRow> skipped = follower.status().skipped();
    assertEquals(1, skipped.size());
    assertEquals("n1/i2?x", skipped.getFirst().row());
    assertEquals(Table.INSTANCES, skipped.getFirst().table());
    assertTrue(skipped.getFirst().reason().contains("InstanceId"), skipped.getFirst().reason());
    bad[1] = "i2";
    source.change(Kind.UPDATE, 1, Table.INSTANCES, 2, bad);
    status.await(
        "the state is named",
        () -> follower.status().skipped().getFirst().reason().contains("'flying'"));
    bad[6] = "started";
    source.change(Kind.UPDATE, 2, Table.INSTANCES, 2, bad);
    table.await("both", all -> all.size() == 2);
    status.await("none skipped", () -> follower.status().skipped().isEmpty());
  }

  @Test
  void agesBeatsByItsOwnClock() throws InterruptedException {
    source.emptyBut(Table.BEATS);
    clock.set(1_000);
    source.begin(Table.BEATS);
    source.row(Table.BEATS, 1, "n1", 5L, 999_999_999_999L, 0L);
    source.end(Table.BEATS, 0);
    assertTrue(follower.awaitLoaded(Duration.ofSeconds(20)));
    NodeId n1 = new NodeId("n1");
    clock.set(4_000);
    assertEquals(new BeatAge(5, 3_000), follower.beats().get(n1));
    source.begin(Table.BEATS);
    source.row(Table.BEATS, 9, "n1", 5L, 0L, 0L);
    source.end(Table.BEATS, 0);
    settle();
    assertEquals(0, table.deltas());
    clock.set(5_000);
    source.begin(Table.BEATS);
    source.row(Table.BEATS, 1, "n1", 6L, 0L, 0L);
    source.end(Table.BEATS, 0);
    status.await("beat 6", () -> new BeatAge(6, 0).equals(follower.beats().get(n1)));
  }

  @Test
  void resyncAsksTheSource() throws InterruptedException {
    follower.resync(Table.NODES);
    assertEquals(Table.NODES, source.resnapshots.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void closesAlsoWhereItNeverStarted() {
    FeedFollower other = table.follower(new ScriptedSource(), clock::get);
    other.close();
    assertFalse(other.status().loaded());
  }
}
