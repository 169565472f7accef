package anycast.routing.feed;

import static anycast.routing.feed.CoreRig.APPS;
import static anycast.routing.feed.CoreRig.BEATS;
import static anycast.routing.feed.CoreRig.apps;
import static anycast.routing.feed.CoreRig.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.SourceEvent.Kind;
import anycast.routing.model.Instance;
import anycast.routing.model.NodeId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FeedCoreTest {
  private static final FeedId OTHER = new FeedId("two", Table.APPS);
  private static final FeedId OTHER_BEATS = new FeedId("two", Table.BEATS);
  private static final FeedId INSTANCES = new FeedId("one", Table.INSTANCES);

  private final CoreRig rig = new CoreRig(APPS, BEATS);

  @Test
  void publishesABatchOnce() {
    rig.snapshot(APPS, apps(1, 5, 1));
    assertEquals(1, rig.deltas);
    SourceEvent.Changed one =
        new SourceEvent.Changed(Table.APPS, Kind.UPDATE, 1, CoreRig.cells("app1", 2L), 1);
    SourceEvent.Changed two =
        new SourceEvent.Changed(Table.APPS, Kind.DELETE, 2, CoreRig.cells("app2", 1L), 2);
    rig.tell(APPS, one, two);
    assertEquals(2, rig.deltas);
    assertEquals(2, rig.status(APPS).changes());
  }

  @Test
  void garbledRowKeepsTheVersionBeforeIt() {
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.change(APPS, Kind.UPDATE, 1, 1, "app1", "nonsense");
    assertEquals(1, rig.table.get("app1").generation());
    assertEquals(1, rig.status(APPS).skipped());
    assertEquals(1, rig.status(APPS).previousServes());
    assertTrue(rig.status().skipped().getFirst().previousServes());
    rig.change(APPS, Kind.UPDATE, 2, 1, "app1", 3L);
    assertEquals(3, rig.table.get("app1").generation());
    assertEquals(0, rig.status(APPS).skipped());
    assertTrue(rig.status().skipped().isEmpty());
  }

  @Test
  void deleteOfAGarbledRowRemovesTheVersionBeforeIt() {
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.change(APPS, Kind.UPDATE, 1, 1, 7L, 7L);
    assertEquals("7", rig.status().skipped().getFirst().row());
    rig.change(APPS, Kind.DELETE, 2, 1, 7L, 7L);
    assertFalse(rig.table.containsKey("app1"));
    assertEquals(0, rig.status(APPS).skipped());
  }

  @Test
  void rowThatComesBackGarbledKeepsTheVersionBeforeIt() {
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.change(APPS, Kind.INSERT, 1, 9, "app1", "nonsense");
    rig.change(APPS, Kind.DELETE, 2, 1, "app1", 1L);
    assertTrue(rig.table.containsKey("app1"));
    rig.change(APPS, Kind.DELETE, 3, 9, "app1", "nonsense");
    assertFalse(rig.table.containsKey("app1"));
  }

  @Test
  void rowThatIsGarbledInASnapshotKeepsTheVersionOfItsKey() {
    rig.snapshot(APPS, "first", apps(1, 3, 1));
    rig.snapshot(APPS, "second", row("app3", "nonsense"), row("app2", 2L), row("app1", 2L));
    assertEquals(1, rig.table.get("app3").generation());
    assertEquals(2, rig.table.get("app1").generation());
    assertEquals(1, rig.status(APPS).previousServes());
    assertEquals(3, rig.status(APPS).rows());
  }

  @Test
  void rowWithAnIllegibleKeyIsKnownByItsRowidWithinOneStreamOnly() {
    rig.snapshot(APPS, "first", apps(1, 3, 1));
    rig.snapshot(APPS, "first", row(null, 1L), row("app2", 1L), row("app3", 1L));
    assertTrue(rig.table.containsKey("app1"));
    assertTrue(rig.status().skipped().getFirst().previousServes());
    rig.snapshot(APPS, "second", row(null, 1L), row("app2", 1L), row("app3", 1L));
    assertFalse(rig.table.containsKey("app1"));
    assertEquals(1, rig.status(APPS).skipped());
    assertEquals(0, rig.status(APPS).previousServes());
  }

  @Test
  void namesAHundredGarbledRowsAndCountsAll() {
    Object[][] rows = new Object[150][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = row("app" + i, "nonsense");
    }
    rig.snapshot(APPS, rows);
    assertEquals(150, rig.status(APPS).skipped());
    assertEquals(100, rig.status().skipped().size());
    assertTrue(rig.table.isEmpty());
  }

  @Test
  void whatRowsHaveInCommonIsThereOnce() {
    CoreRig fleet = new CoreRig(INSTANCES);
    String labels = "{\"tier\":\"gold\"}";
    fleet.snapshot(
        INSTANCES,
        row("n1", "i1", "shop", "fra", "10.0.0.1", 80L, "started", labels, 1L, 0L),
        row(
            copy("n1"),
            "i2",
            copy("shop"),
            copy("fra"),
            copy("10.0.0.1"),
            80L,
            "started",
            copy(labels),
            1L,
            0L));
    Instance one = (Instance) fleet.table.get("n1/i1");
    Instance two = (Instance) fleet.table.get("n1/i2");
    assertSame(one.app(), two.app());
    assertSame(one.node(), two.node());
    assertSame(one.region(), two.region());
    assertSame(one.address(), two.address());
    assertSame(one.labels(), two.labels());
  }

  private static String copy(String text) {
    return String.valueOf(text.toCharArray());
  }

  @Test
  void lastFeedToPutARowOwnsIt() {
    CoreRig two = new CoreRig(APPS, OTHER);
    two.snapshot(APPS, row("shop", 1L));
    two.snapshot(OTHER, row("shop", 2L));
    assertEquals(2, two.table.get("shop").generation());
    two.change(APPS, Kind.UPDATE, 1, 1, "shop", 3L);
    assertEquals(3, two.table.get("shop").generation());
    two.change(OTHER, Kind.DELETE, 1, 1, "shop", 2L);
    assertEquals(3, two.table.get("shop").generation(), "it was not the owner");
    two.change(APPS, Kind.DELETE, 2, 1, "shop", 3L);
    assertTrue(two.table.isEmpty());
  }

  @Test
  void rowFallsToTheOtherHolderWhenItsOwnerLetsGo() {
    CoreRig two = new CoreRig(APPS, OTHER);
    two.snapshot(APPS, row("shop", 1L));
    two.snapshot(OTHER, row("shop", 2L));
    two.change(OTHER, Kind.DELETE, 1, 1, "shop", 2L);
    assertEquals(1, two.table.get("shop").generation());
    ChangeRecord last = two.changes().getLast();
    assertEquals(2, last.before().generation());
    assertEquals(1, last.after().generation());
  }

  @Test
  void eachFeedResnapshotsAlone() {
    CoreRig two = new CoreRig(APPS, OTHER);
    two.snapshot(APPS, row("shop", 1L));
    assertFalse(two.core.loaded());
    two.snapshot(OTHER, row("blog", 1L));
    assertTrue(two.core.loaded());
    two.change(OTHER, Kind.UPDATE, 5, 1, "blog", 2L);
    assertEquals(List.of(OTHER), two.resnapshots);
    two.change(APPS, Kind.UPDATE, 1, 1, "shop", 2L);
    assertEquals(2, two.table.get("shop").generation());
    FeedStatus.Resnapshot why = two.status(OTHER).reasons().getFirst();
    assertEquals("change 5 came where 1 was due", why.reason());
    assertEquals(two.now().millis(), why.atMillis());
  }

  @Test
  void snapshotBecauseAStreamCouldNotGoOnIsCountedWithItsReason() {
    rig.snapshot(APPS, row("shop", 1L));
    rig.lose(APPS);
    rig.snapshot(APPS, row("shop", 1L));
    assertEquals(1, rig.status(APPS).resnapshots());
    assertEquals(
        "it could not go on after this: the test says so",
        rig.status(APPS).reasons().getFirst().reason());
    rig.core.resync(APPS, rig.now());
    rig.lose(APPS);
    rig.tell(APPS, new SourceEvent.SnapshotBegun(Table.APPS));
    rig.lose(APPS);
    rig.snapshot(APPS, row("shop", 1L));
    assertEquals(2, rig.status(APPS).resnapshots(), "one that was asked for counts once");
  }

  @Test
  void remembersTheLastEightReasons() {
    for (int i = 0; i < 10; i++) {
      rig.core.resync(APPS, rig.now());
    }
    assertEquals(10, rig.status(APPS).resnapshots());
    assertEquals(8, rig.status(APPS).reasons().size());
  }

  @Test
  void recordsWhatChangedAndWhy() {
    rig.snapshot(APPS, row("shop", 1L));
    rig.change(APPS, Kind.UPDATE, 1, 1, "shop", 2L);
    rig.change(APPS, Kind.DELETE, 2, 1, "shop", 2L);
    List<ChangeRecord> all = rig.changes();
    assertEquals(
        List.of(Cause.SNAPSHOT, Cause.CHANGE, Cause.CHANGE),
        all.stream().map(ChangeRecord::cause).toList());
    assertNull(all.get(0).before());
    assertEquals(1, all.get(1).before().generation());
    assertEquals(2, all.get(1).after().generation());
    assertNull(all.get(2).after());
    assertEquals(List.of(1L, 2L, 3L), all.stream().map(ChangeRecord::version).toList());
  }

  private void beat(long position, long seq) {
    rig.change(BEATS, Kind.UPDATE, position, 1, "n1", seq, 0L, 250L);
  }

  @Test
  void silenceAfterBeatsOpensTheSourceAnew() {
    rig.snapshot(APPS);
    rig.snapshot(BEATS, row("n1", 1L, 0L, 250L));
    beat(1, 2);
    rig.pass(Duration.ofSeconds(10));
    assertTrue(rig.reopened.isEmpty());
    rig.pass(Duration.ofMillis(1));
    assertEquals(List.of("one"), rig.reopened);
    assertEquals(1, rig.status().sources().getFirst().reopened());
    rig.pass(Duration.ofSeconds(20));
    assertEquals(1, rig.reopened.size());
    rig.pass(Duration.ofMillis(1));
    assertEquals(2, rig.reopened.size(), "twice as late");
    beat(2, 3);
    rig.pass(Duration.ofMillis(10_001));
    assertEquals(3, rig.reopened.size(), "early again");
  }

  @Test
  void oneBeatIsEnoughToMissTheNext() {
    rig.snapshot(APPS);
    rig.snapshot(BEATS, row("n1", 1L, 0L, 250L));
    rig.pass(Duration.ofMillis(10_001));
    assertEquals(List.of("one"), rig.reopened);
  }

  @Test
  void lostStreamIsNotSilent() {
    rig.snapshot(BEATS, row("n1", 1L, 0L, 250L));
    beat(1, 2);
    rig.lose(BEATS);
    rig.pass(Duration.ofMinutes(1));
    assertTrue(rig.reopened.isEmpty());
    rig.tell(BEATS, new SourceEvent.Resumed(Table.BEATS));
    rig.pass(Duration.ofSeconds(9));
    assertTrue(rig.reopened.isEmpty(), "it has just come back");
    rig.pass(Duration.ofSeconds(2));
    assertEquals(1, rig.reopened.size());
  }

  @Test
  void streamThatFallsSilentInItsSnapshotIsOpenedAnew() {
    rig.snapshot(BEATS, row("n1", 1L, 0L, 250L));
    beat(1, 2);
    rig.lose(BEATS);
    rig.tell(BEATS, new SourceEvent.SnapshotBegun(Table.BEATS));
    rig.pass(Duration.ofSeconds(11));
    assertEquals(1, rig.reopened.size());
  }

  @Test
  void eventOfAFeedThatNobodyAnnouncedIsLeftOut() {
    rig.tell(OTHER, new SourceEvent.SnapshotBegun(Table.APPS));
    rig.snapshot(APPS, apps(1, 1, 1));
    assertEquals(1, rig.table.size());
  }

  @Test
  void ageCountsFromTheLastBeatThatMoved() {
    rig.snapshot(APPS);
    rig.snapshot(BEATS, row("n1", 1L, 0L, 250L));
    rig.pass(Duration.ofSeconds(3));
    assertEquals(Duration.ofSeconds(3).toNanos(), rig.core.ageNanos(rig.now()));
    beat(1, 2);
    assertEquals(0, rig.core.ageNanos(rig.now()));
    FeedStatus.OriginStatus origin = rig.status().origins().getFirst();
    assertEquals(new FeedStatus.OriginStatus("one", new NodeId("n1"), 2, 0, 250), origin);
    rig.pass(Duration.ofSeconds(2));
    beat(2, 2);
    assertEquals(Duration.ofSeconds(2).toNanos(), rig.core.ageNanos(rig.now()));
  }

  @Test
  void lostFeedAgesThoughItsSourceBeats() {
    rig.snapshot(APPS);
    rig.snapshot(BEATS, row("n1", 1L, 0L, 0L));
    rig.pass(Duration.ofSeconds(100));
    beat(1, 2);
    rig.lose(APPS);
    rig.pass(Duration.ofSeconds(5));
    beat(2, 3);
    rig.lose(APPS);
    assertEquals(Duration.ofSeconds(5).toNanos(), rig.core.ageNanos(rig.now()));
    assertEquals(Duration.ofSeconds(105).toNanos(), rig.status(APPS).ageNanos());
    rig.tell(APPS, new SourceEvent.SnapshotBegun(Table.APPS));
    assertEquals(Duration.ofSeconds(5).toNanos(), rig.core.ageNanos(rig.now()), "not whole yet");
    rig.snapshot(APPS);
    assertEquals(0, rig.core.ageNanos(rig.now()));
  }

  @Test
  void agentThatResumesAndTellsSnapshotsWithoutABeatThatMovesIsNoFresher() {
    rig.snapshot(APPS);
    rig.snapshot(BEATS, row("n1", 1L, 0L, 0L));
    rig.pass(Duration.ofSeconds(40));
    rig.lose(APPS);
    rig.lose(BEATS);
    rig.snapshot(APPS);
    rig.tell(BEATS, new SourceEvent.Resumed(Table.BEATS));
    assertEquals(Duration.ofSeconds(40).toNanos(), rig.core.ageNanos(rig.now()));
    beat(1, 2);
    assertEquals(0, rig.core.ageNanos(rig.now()));
  }

  @Test
  void sourceWithoutBeatsIsAsFreshAsItsStreams() {
    CoreRig plain = new CoreRig(APPS);
    plain.pass(Duration.ofSeconds(4));
    assertEquals(Duration.ofSeconds(4).toNanos(), plain.core.ageNanos(plain.now()));
    plain.snapshot(APPS);
    plain.pass(Duration.ofHours(1));
    assertEquals(0, plain.core.ageNanos(plain.now()));
  }

  @Test
  void eachSourceTellsItsOwnBeats() {
    CoreRig two = new CoreRig(BEATS, OTHER_BEATS);
    two.snapshot(BEATS, row("n1", 5L, 0L, 0L));
    two.pass(Duration.ofSeconds(3));
    two.snapshot(OTHER_BEATS, row("n1", 5L, 0L, 0L));
    assertEquals(2, two.status().origins().size());
    assertEquals(Duration.ofSeconds(3).toNanos(), two.core.ageNanos(two.now()));
    assertEquals(0, two.core.beats(two.now()).get(new NodeId("n1")).ageNanos());
    assertTrue(two.core.peers(new NodeId("n1"), two.now()).isEmpty());
    assertEquals(2, two.core.peers(null, two.now()).size());
  }

  @Test
  void sameFeedTwiceIsAMistake() {
    assertThrows(IllegalArgumentException.class, () -> new CoreRig(APPS, APPS));
  }
}
