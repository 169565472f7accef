package anycast.routing.feed.lastgood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class LastGoodKeeperTest {
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Duration RENEWAL = Duration.ofMinutes(15);

  private final SnapshotBuilder builder =
      new SnapshotBuilder(new Locality(new NodeId("e1"), new RegionCode("fra")));
  private final RoutingTable table = new RoutingTable(builder.empty());
  private final FragileDisk disk = new FragileDisk();
  private boolean complete = true;
  private long ageMillis;
  private long nowMillis = 1_000_000;
  private final LastGoodKeeper keeper = keeper();

  private LastGoodKeeper keeper() {
    return new LastGoodKeeper(
        disk,
        table,
        new LastGoodKeeper.Served() {
          @Override
          public boolean complete() {
            return complete;
          }

          @Override
          public long ageMillis() {
            return ageMillis;
          }
        },
        () -> Instant.ofEpochMilli(nowMillis),
        EVERY);
  }

  private void put(String app) {
    table.publish(
        builder.apply(
            table.current(), new Delta(List.of(new Change.Put(new App(new AppId(app), 1))))));
  }

  private LastGood.Loaded onDisk() {
    return assertInstanceOf(LastGood.Loaded.class, new LastGoodStore(disk).load());
  }

  @Test
  void savesNothingBeforeTheTableIsComplete() {
    complete = false;
    put("half");
    keeper.turn(RENEWAL);
    assertEquals(0, disk.steps());
    complete = true;
    keeper.turn(RENEWAL);
    assertEquals(1, onDisk().entities().size());
  }

  @Test
  void savesWhatChangedAndNothingElse() {
    put("a");
    keeper.turn(RENEWAL);
    int steps = disk.steps();
    keeper.turn(RENEWAL);
    assertEquals(steps, disk.steps());
    put("b");
    keeper.turn(RENEWAL);
    assertEquals(2, onDisk().entities().size());
    assertEquals(2, keeper.status().saved().generation());
    assertEquals(table.current().version(), keeper.status().saved().version());
  }

  @Test
  void renewsTheTimeOfAQuietTable() {
    put("a");
    keeper.turn(RENEWAL);
    nowMillis += RENEWAL.toMillis() - 1;
    keeper.turn(RENEWAL);
    assertEquals(1_000_000, onDisk().asOfMillis());
    nowMillis++;
    keeper.turn(RENEWAL);
    assertEquals(nowMillis, onDisk().asOfMillis());
  }

  /// A table that no source vouches for gets older on disk too, and a new start does not make it
  /// young.
  @Test
  void savesHowOldTheTruthIs() {
    put("a");
    ageMillis = 90_000;
    keeper.turn(RENEWAL);
    assertEquals(nowMillis - 90_000, onDisk().asOfMillis());
    nowMillis += 3_600_000;
    ageMillis += 3_600_000;
    keeper.turn(RENEWAL);
    assertEquals(1, keeper.status().saved().generation());
  }

  @Test
  void countsFailuresAndTriesAgain() {
    put("a");
    disk.refuseAfter(0, "No space left on device");
    keeper.turn(RENEWAL);
    keeper.turn(RENEWAL);
    assertEquals(2, keeper.status().failures());
    assertEquals("No space left on device", keeper.status().lastFailure());
    disk.healed();
    keeper.turn(RENEWAL);
    assertEquals("", keeper.status().lastFailure());
    assertEquals(2, keeper.status().failures());
    assertEquals(1, onDisk().entities().size());
  }

  @Test
  void tellsWhatItBeganWith() {
    assertEquals(new LastGood.None(), keeper.load());
    assertEquals("none", keeper.status().begun().which());
    put("a");
    keeper.turn(RENEWAL);
    LastGoodKeeper next = keeper();
    next.load();
    assertEquals(
        new LastGoodStatus.Begun("newest", 1, nowMillis, 1, List.of()), next.status().begun());
    disk.put("table-0000000000000000001.good", new byte[3]);
    LastGoodKeeper damaged = keeper();
    assertInstanceOf(LastGood.Damaged.class, damaged.load());
    assertEquals("damaged", damaged.status().begun().which());
    assertEquals(1, damaged.status().begun().problems().size());
  }

  @Test
  @Timeout(30)
  void savesAtItsEnd() {
    keeper.start();
    put("a");
    keeper.close();
    assertEquals(1, onDisk().entities().size());
    assertTrue(keeper.status().lastFailure().isEmpty());
  }
}
