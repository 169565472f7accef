package anycast.routing.feed;

import static anycast.routing.feed.CoreRig.APPS;
import static anycast.routing.feed.CoreRig.apps;
import static anycast.routing.feed.CoreRig.row;
import static anycast.routing.feed.CoreRig.together;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.SourceEvent.Kind;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Rows that stay though no stream vouches for them: what a snapshot lacks beyond belief, and what
/// was read from disk.
final class RetainedRowsTest {
  private static final FeedId OTHER = new FeedId("two", Table.APPS);
  private static final Duration MINUTE = Duration.ofSeconds(60);

  private final CoreRig rig = new CoreRig(APPS);

  @Test
  void snapshotThatLacksHalfOfTheRowsRemovesThem() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, apps(1, 10, 1));
    assertEquals(10, rig.table.size());
    assertTrue(rig.status(APPS).retained().isEmpty());
  }

  @Test
  void snapshotThatLacksMoreAddsAndUpdatesAndRemovesNothing() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, together(apps(1, 9, 2), apps(21, 22, 1)));
    assertEquals(22, rig.table.size());
    assertEquals(2, rig.table.get("app9").generation());
    assertEquals(1, rig.table.get("app20").generation());
    FeedStatus.Retained retained = rig.status(APPS).retained().orElseThrow();
    assertEquals(11, retained.rows());
    assertEquals(retained.sinceMillis() + 60_000, retained.untilMillis());
  }

  @Test
  void secondSnapshotAMinuteLaterRemovesThemAndIsAskedFor() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.pass(Duration.ofSeconds(59));
    assertTrue(rig.resnapshots.isEmpty());
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(20, rig.table.size(), "too early to be believed");
    rig.pass(Duration.ofSeconds(1));
    assertEquals(List.of(APPS), rig.resnapshots);
    assertEquals(1, rig.status(APPS).resnapshots());
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(2, rig.table.size());
    assertTrue(rig.status(APPS).retained().isEmpty());
    rig.pass(MINUTE);
    assertEquals(1, rig.resnapshots.size(), "nothing more to ask for");
  }

  /// The agent took it a second after the first one, and a partition held it up.
  @Test
  void snapshotThatWasHeldUpOnItsWayIsNoSecondOne() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.pass(Duration.ofSeconds(1));
    long askedNanos = rig.now().nanos();
    rig.pass(Duration.ofSeconds(58));
    rig.pass(Duration.ofSeconds(30));
    rig.snapshot(APPS, OptionalLong.of(askedNanos), "s", apps(1, 2, 1));
    assertEquals(20, rig.table.size());
    rig.snapshot(APPS, OptionalLong.of(rig.now().nanos()), "s", apps(1, 2, 1));
    assertEquals(2, rig.table.size());
  }

  @Test
  void lastGoodIsNotConfirmedByASnapshotThatWasHeldUpEither() {
    rig.core.preload(saved(20), 0, rig.now());
    rig.snapshot(APPS, apps(1, 2, 1));
    long askedNanos = rig.now().nanos();
    rig.pass(MINUTE);
    rig.snapshot(APPS, OptionalLong.of(askedNanos), "s", apps(1, 2, 1));
    assertEquals(20, rig.table.size());
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(2, rig.table.size());
  }

  @Test
  void asksAgainWhereNoSnapshotCame() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.pass(MINUTE);
    rig.lose(APPS);
    rig.pass(MINUTE);
    assertEquals(List.of(APPS, APPS), rig.resnapshots);
    assertEquals(20, rig.table.size());
  }

  @Test
  void rowThatComesBackIsRetainedNoMore() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, apps(1, 2, 1));
    int deltas = rig.deltas;
    rig.change(APPS, Kind.INSERT, 1, 77, "app20", 1L);
    assertEquals(deltas, rig.deltas, "readers had it all along");
    assertEquals(17, rig.status(APPS).retained().orElseThrow().rows());
    rig.change(APPS, Kind.DELETE, 2, 77, "app20", 1L);
    assertFalse(rig.table.containsKey("app20"));
    assertTrue(rig.table.containsKey("app19"));
  }

  @Test
  void furtherShrinkStartsTheMinuteAnew() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, apps(1, 5, 1));
    rig.pass(Duration.ofSeconds(50));
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.pass(Duration.ofSeconds(50));
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(20, rig.table.size());
    rig.pass(Duration.ofSeconds(10));
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(2, rig.table.size());
  }

  @Test
  void smallTableIsNotGuardedAsLongAsSomethingIsLeft() {
    rig.snapshot(APPS, apps(1, 9, 1));
    rig.snapshot(APPS, apps(9, 9, 1));
    assertEquals(1, rig.table.size());
    assertTrue(rig.status(APPS).retained().isEmpty());
  }

  @Test
  void tableOfWhichNothingIsLeftIsGuardedHoweverSmall() {
    rig.snapshot(APPS, apps(1, 3, 1));
    rig.snapshot(APPS);
    assertEquals(3, rig.table.size());
    assertEquals(3, rig.status(APPS).retained().orElseThrow().rows());
    rig.pass(MINUTE);
    assertEquals(List.of(APPS), rig.resnapshots);
    rig.snapshot(APPS);
    assertTrue(rig.table.isEmpty());
  }

  @Test
  void operatorLetsThemGo() {
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(0, rig.core.accept(Optional.of(OTHER), rig.now()));
    assertEquals(18, rig.core.accept(Optional.of(APPS), rig.now()));
    assertEquals(2, rig.table.size());
    assertEquals(Cause.OPERATOR, rig.changes().getLast().cause());
    assertEquals(0, rig.core.accept(Optional.empty(), rig.now()));
  }

  @Test
  void deleteByAChangeIsBelieved() {
    rig.snapshot(APPS, apps(1, 20, 1));
    for (int i = 1; i <= 20; i++) {
      rig.change(APPS, Kind.DELETE, i, i, "app" + i, 1L);
    }
    assertTrue(rig.table.isEmpty());
  }

  private static List<Entity> saved(int apps) {
    List<Entity> saved = new ArrayList<>();
    for (int i = 1; i <= apps; i++) {
      saved.add(new App(new AppId("app" + i), 1));
    }
    return saved;
  }

  @Test
  void lastGoodServesAtOnceAndSaysSo() {
    assertFalse(rig.core.loaded());
    rig.core.preload(saved(20), rig.now().millis() - 90_000, rig.now());
    assertTrue(rig.core.loaded());
    assertTrue(rig.status().servesLastGood());
    assertEquals(20, rig.table.size());
    assertEquals(20, rig.status(APPS).retained().orElseThrow().rows());
    assertEquals(20, rig.status().lastGood().orElseThrow().entities());
    assertEquals(Duration.ofSeconds(90).toNanos(), rig.status().ageNanos());
    assertEquals(Cause.LAST_GOOD, rig.changes().getFirst().cause());
  }

  @Test
  void lastGoodOfTablesThatNobodyFeedsIsLeftOut() {
    rig.core.preload(List.of(new Hostname("h.test", new AppId("a"), 1)), 0, rig.now());
    assertTrue(rig.table.isEmpty());
  }

  @Test
  void firstSnapshotRemovesTheFewThatItLacks() {
    rig.core.preload(saved(20), 0, rig.now());
    rig.snapshot(APPS, apps(1, 15, 1));
    assertEquals(15, rig.table.size());
    assertFalse(rig.status().servesLastGood());
    assertEquals(20 + 5, rig.changes().size(), "what is equal was left alone");
  }

  @Test
  void emptyFirstSnapshotIsNotBelieved() {
    rig.core.preload(saved(20), 0, rig.now());
    rig.snapshot(APPS);
    assertEquals(20, rig.table.size());
    rig.pass(MINUTE);
    assertEquals(List.of(APPS), rig.resnapshots);
    rig.snapshot(APPS);
    assertTrue(rig.table.isEmpty());
  }

  @Test
  void operatorCannotLetLastGoodGoBeforeASourceSpoke() {
    rig.core.preload(saved(20), 0, rig.now());
    assertEquals(0, rig.core.accept(Optional.empty(), rig.now()));
    rig.snapshot(APPS);
    assertEquals(20, rig.core.accept(Optional.empty(), rig.now()));
  }

  @Test
  void lastGoodWaitsForEveryFeedOfItsTable() {
    CoreRig two = new CoreRig(APPS, OTHER);
    two.core.preload(saved(20), 0, two.now());
    two.snapshot(APPS, apps(1, 10, 1));
    assertEquals(20, two.table.size());
    two.snapshot(OTHER, apps(11, 18, 1));
    assertEquals(18, two.table.size());
  }

  @Test
  void guardOfOneFeedLeavesTheOtherAlone() {
    CoreRig two = new CoreRig(APPS, OTHER);
    two.snapshot(APPS, apps(1, 20, 1));
    two.snapshot(OTHER, apps(21, 40, 1));
    two.snapshot(OTHER);
    two.snapshot(APPS, apps(1, 18, 1));
    assertEquals(38, two.table.size());
    assertTrue(two.status(APPS).retained().isEmpty());
    assertEquals(20, two.status(OTHER).retained().orElseThrow().rows());
  }

  @Test
  void rowThatAnotherFeedHoldsNeedsNoRetaining() {
    CoreRig two = new CoreRig(APPS, OTHER);
    two.snapshot(APPS, apps(1, 20, 1));
    two.snapshot(OTHER, apps(1, 20, 2));
    two.snapshot(OTHER);
    assertEquals(20, two.table.size());
    assertEquals(1, two.table.get("app1").generation());
    assertTrue(two.status(OTHER).retained().isEmpty());
    two.change(APPS, Kind.DELETE, 1, 1, row());
    assertFalse(two.table.containsKey("app1"));
  }
}
