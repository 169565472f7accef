package anycast.routing.feed;

import static anycast.routing.feed.CoreRig.APPS;
import static anycast.routing.feed.CoreRig.apps;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.AuditReport.Difference;
import anycast.routing.feed.AuditReport.Kind;
import anycast.routing.feed.AuditReport.Where;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AuditTest {
  private final CoreRig rig = new CoreRig(APPS);

  @BeforeEach
  void load() {
    rig.snapshot(APPS, apps(1, 20, 1));
  }

  private void read(Object[]... rows) {
    rig.core.onAuditRows(
        APPS, Arrays.stream(rows).map(row -> ReadRow.of(Table.APPS, CoreRig.cells(row))).toList());
    rig.core.onAuditRead(APPS, "", rig.now());
  }

  private AuditReport finished() {
    rig.core.onAuditInForce(List.copyOf(rig.table.values()));
    rig.core.onAuditInForceEnd(rig.now());
    rig.pass(AuditRun.SETTLE);
    return rig.status().audit().orElseThrow();
  }

  private static Difference difference(Where where, Kind kind, String row) {
    return new Difference(APPS, where, kind, row);
  }

  @Test
  void findsNothingWhereAllIsWell() {
    assertEquals(List.of(APPS), rig.core.auditBegun(rig.now()));
    read(apps(1, 20, 1));
    AuditReport report = finished();
    assertEquals(0, report.differences());
    assertEquals(20, report.tables().getFirst().rows());
    assertEquals("", report.tables().getFirst().notCompared());
    assertFalse(rig.core.auditing());
  }

  @Test
  void namesWhatTheMirrorHasWrongAndAsksForASnapshot() {
    rig.core.auditBegun(rig.now());
    read(CoreRig.together(apps(2, 19, 1), apps(20, 21, 2)));
    AuditReport report = finished();
    assertEquals(
        List.of(
            difference(Where.MIRROR, Kind.DIFFERENT, "app20"),
            difference(Where.MIRROR, Kind.MISSING, "app21"),
            difference(Where.MIRROR, Kind.GHOST, "app1")),
        report.named());
    assertEquals(List.of(APPS), rig.resnapshots);
    assertTrue(report.tables().getFirst().resnapshot());
    assertEquals(
        "an audit found 3 rows that differ", rig.status(APPS).reasons().getFirst().reason());
  }

  @Test
  void repairsWhatReadersSeeWrongAtOnce() {
    rig.table.remove("app1");
    rig.table.put("app2", new App(new AppId("app2"), 9));
    rig.table.put("ghost", new App(new AppId("ghost"), 1));
    rig.core.auditBegun(rig.now());
    read(apps(1, 20, 1));
    AuditReport report = finished();
    assertEquals(3, report.differences());
    assertEquals(3, report.tables().getFirst().repaired());
    assertEquals(1, rig.table.get("app1").generation());
    assertEquals(1, rig.table.get("app2").generation());
    assertFalse(rig.table.containsKey("ghost"));
    assertEquals(Cause.AUDIT, rig.changes().getLast().cause());
    assertTrue(rig.resnapshots.isEmpty());
  }

  @Test
  void rowThatChangesMeanwhileIsNoDifference() {
    rig.core.auditBegun(rig.now());
    rig.change(APPS, SourceEvent.Kind.DELETE, 1, 1, "app1", 1L);
    read(CoreRig.together(apps(1, 19, 1), apps(21, 21, 1)));
    rig.change(APPS, SourceEvent.Kind.INSERT, 2, 21, "app21", 1L);
    rig.core.onAuditInForce(List.copyOf(rig.table.values()));
    rig.core.onAuditInForceEnd(rig.now());
    rig.change(APPS, SourceEvent.Kind.DELETE, 3, 20, "app20", 1L);
    rig.pass(AuditRun.SETTLE);
    assertEquals(0, rig.status().audit().orElseThrow().differences());
    assertTrue(rig.resnapshots.isEmpty());
  }

  @Test
  void snapshotMeanwhileMakesTheReadingVoid() {
    rig.core.auditBegun(rig.now());
    rig.snapshot(APPS, apps(1, 19, 1));
    read(apps(1, 20, 1));
    AuditReport report = finished();
    assertEquals(0, report.differences());
    assertTrue(report.tables().getFirst().notCompared().contains("a new snapshot"));
  }

  @Test
  void snapshotBetweenTwoSlicesOfTheTableMakesNoDifference() {
    rig.core.auditBegun(rig.now());
    List<Entity> seen = List.copyOf(rig.table.values());
    rig.core.onAuditInForce(seen.subList(0, 10));
    rig.snapshot(APPS, apps(1, 20, 1));
    rig.core.onAuditInForce(seen.subList(10, 20));
    rig.core.onAuditInForceEnd(rig.now());
    rig.pass(AuditRun.SETTLE);
    assertEquals(0, rig.status().audit().orElseThrow().differences());
    assertEquals(20, rig.changes().size());
  }

  @Test
  void readingThatFailsSaysSoAndTheTableIsComparedStill() {
    rig.table.remove("app1");
    rig.core.auditBegun(rig.now());
    rig.core.onAuditRows(APPS, List.of(ReadRow.of(Table.APPS, CoreRig.cells("app1", 7L))));
    rig.core.onAuditRead(APPS, "it could not be read", rig.now());
    AuditReport report = finished();
    assertEquals(List.of(difference(Where.TABLE, Kind.MISSING, "app1")), report.named());
    assertEquals("it could not be read", report.tables().getFirst().notCompared());
    assertTrue(rig.table.containsKey("app1"));
  }

  @Test
  void lostFeedIsNotRead() {
    rig.lose(APPS);
    assertEquals(List.of(), rig.core.auditBegun(rig.now()));
    assertEquals("its stream is not up", finished().tables().getFirst().notCompared());
  }

  @Test
  void retainedRowsAreNoGhosts() {
    rig.snapshot(APPS, apps(1, 2, 1));
    rig.core.auditBegun(rig.now());
    read(apps(1, 2, 1));
    assertEquals(0, finished().differences());
    assertEquals(20, rig.table.size());
  }

  @Test
  void garbledRowWhoseVersionBeforeServesIsNoGhost() {
    rig.change(APPS, SourceEvent.Kind.UPDATE, 1, 1, 5L, 5L);
    rig.core.auditBegun(rig.now());
    read(CoreRig.together(apps(2, 20, 1), new Object[][] {{5L, 5L}}));
    assertEquals(0, finished().differences());
  }

  @Test
  void comesByItselfAndIsGivenUpWhereItHangs() {
    rig.pass(Duration.ofMinutes(12));
    assertEquals(1, rig.audits);
    rig.core.auditBegun(rig.now());
    rig.pass(Duration.ofMinutes(15));
    assertEquals(1, rig.audits, "one is going on");
    rig.pass(Duration.ofSeconds(1));
    assertFalse(rig.core.auditing());
    AuditReport report = rig.status().audit().orElseThrow();
    assertTrue(report.tables().getFirst().notCompared().contains("15 minutes"));
    assertEquals(2, rig.audits);
  }
}
