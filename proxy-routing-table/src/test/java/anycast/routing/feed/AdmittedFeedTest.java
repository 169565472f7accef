package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.admission.Rig;
import anycast.routing.model.Entity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A feed whose updates are hostile.
class AdmittedFeedTest implements Requests {
  private static final FeedId RULES = new FeedId("one", Table.VIRTUAL_SERVICES);
  private static final FeedId APPS = CoreRig.APPS;

  private final Rig rig = new Rig();
  private final List<FeedId> resnapshots = new ArrayList<>();
  private final FeedCore core =
      new FeedCore(
          List.of(RULES, APPS),
          FeedLimits.STANDARD,
          rig.admission,
          this,
          new SplittableRandom(1),
          rig.now());

  @AfterEach
  void close() {
    rig.close();
  }

  private Moment now() {
    return rig.now();
  }

  private void seconds(int count) {
    for (int i = 0; i < count; i++) {
      rig.pass();
      core.onTick(now());
    }
  }

  private void snapshot(FeedId feed, Object[]... rows) {
    List<Arrival> arrivals = new ArrayList<>();
    arrivals.add(new Arrival(feed, new SourceEvent.SnapshotBegun(feed.table())));
    for (int i = 0; i < rows.length; i++) {
      Cells cells = CoreRig.cells(rows[i]);
      arrivals.add(new Arrival(feed, new SourceEvent.Row(feed.table(), i + 1, cells)));
    }
    Watermark end = new Watermark("src", "s", 0);
    arrivals.add(new Arrival(feed, new SourceEvent.SnapshotEnded(feed.table(), end)));
    core.onEvents(arrivals, now());
  }

  private static Arrival change(long position, long rowid, Object... cells) {
    return new Arrival(
        RULES,
        new SourceEvent.Changed(
            RULES.table(), SourceEvent.Kind.UPDATE, rowid, CoreRig.cells(cells), position));
  }

  private static Object[] row(String name, long version, String fault) {
    return new Object[] {name, Rig.document(name, version, fault), version};
  }

  private long version(String name) {
    Entity found = rig.table.current().find(new Entity.VirtualServiceKey(name));
    return found == null ? 0 : found.generation();
  }

  private long audited(Object[]... rows) {
    for (FeedId feed : core.auditBegun(now())) {
      List<ReadRow> read = new ArrayList<>();
      for (Object[] row : feed.equals(RULES) ? rows : CoreRig.apps(1, 3, 1)) {
        read.add(ReadRow.of(feed.table(), CoreRig.cells(row), rig.admission.documentsOfAudits()));
      }
      core.onAuditRows(feed, read);
      core.onAuditRead(feed, "", now());
    }
    List<Entity> inForce = new ArrayList<>();
    rig.table.current().eachEntity(inForce::add);
    core.onAuditInForce(inForce);
    core.onAuditInForceEnd(now());
    seconds(10);
    return core.status(now()).audit().orElseThrow().differences();
  }

  @Test
  void whatIsKeptOutIsNoDifferenceAndNoChange() {
    snapshot(APPS, CoreRig.apps(1, 3, 1));
    snapshot(RULES, row("a", 1, ""), row("b", 1, ""), row("c", 1, "throw at read"));
    core.onEvents(
        List.of(change(1, 1, row("a", 2, "throw at compile")), change(2, 2, row("b", 2, ""))),
        now());
    assertEquals(List.of(1L, 2L, 0L), List.of(version("a"), version("b"), version("c")));
    Object[][] said = {
      row("a", 2, "throw at compile"), row("b", 2, ""), row("c", 1, "throw at read")
    };
    assertEquals(0, audited(said), () -> core.status(now()).audit().orElseThrow().toString());
    assertEquals(
        List.of("b 2"),
        core.changes().since(0).records().stream()
            .filter(record -> record.cause() == Cause.CHANGE)
            .map(record -> RowName.of(record.key()) + " " + record.after().generation())
            .toList());
    core.onEvents(List.of(change(3, 1, row("a", 3, ""))), now());
    assertEquals(3, version("a"));
    ChangeRecord last = core.changes().since(0).records().getLast();
    assertEquals(1, last.before().generation(), "what readers saw before");
  }

  @Test
  void aReleasedDocumentIsReadFromTheSourceAgain() {
    snapshot(APPS, CoreRig.apps(1, 3, 1));
    snapshot(RULES, row("a", 1, "throw at read"));
    assertEquals(List.of(), resnapshots);
    assertTrue(rig.admission.desk().release(rig.out().getFirst().hash()));
    seconds(1);
    assertEquals(List.of(RULES), resnapshots);
    snapshot(RULES, row("a", 2, ""));
    assertEquals(2, version("a"));
    seconds(1);
    assertEquals(List.of(), rig.out());
  }

  @Test
  void aRowThatChangesManyTimesInABatchEndsAsItsLastVersion() {
    snapshot(RULES, row("a", 1, ""), row("b", 1, ""));
    List<Arrival> batch = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      batch.add(change(i, 1 + i % 2, row(i % 2 == 0 ? "a" : "b", 1 + i, "")));
    }
    core.onEvents(batch, now());
    assertEquals(List.of(101L, 100L), List.of(version("a"), version("b")));
    assertEquals(100, core.status(now()).tables().getFirst().watermark().position());
    assertEquals(100, core.status(now()).tables().getFirst().changes());
  }

  @Test
  void theLastVersionOfABatchThatCannotBeReadLeavesTheOneBeforeIt() {
    snapshot(RULES, row("a", 1, ""));
    core.onEvents(
        List.of(
            change(1, 1, row("a", 2, "")),
            change(2, 1, row("a", 3, "")),
            change(3, 1, "a", "no document", 4L)),
        now());
    assertEquals(3, version("a"));
    assertEquals(1, core.status(now()).skipped().size());
  }

  @Test
  void auditsAskForNothingMeanwhile() {
    snapshot(RULES, row("a", 1, "throw at rehearse"));
    seconds((int) Duration.ofMinutes(1).toSeconds());
    assertEquals(List.of(), resnapshots);
    assertEquals(0, version("a"));
  }

  @Override
  public void resnapshot(FeedId feed) {
    resnapshots.add(feed);
  }

  @Override
  public void reopen(String source) {}

  @Override
  public void audit() {}
}
