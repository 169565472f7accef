package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ChangeRingTest {
  private static ChangeRecord record(long version) {
    return new ChangeRecord(
        version * 10, version, Cause.CHANGE, null, new App(new AppId("a"), version));
  }

  private static List<Long> versions(ChangeRing.Page page) {
    return page.records().stream().map(ChangeRecord::version).toList();
  }

  @Test
  void isCompleteSinceItsStartUntilItForgets() {
    ChangeRing ring = new ChangeRing(4, 5);
    assertEquals(new ChangeRing.Page(5, List.of()), ring.since(0));
    ring.record(record(1));
    ring.record(record(2));
    assertEquals(List.of(1L, 2L), versions(ring.since(0)));
    assertEquals(5, ring.since(0).completeSinceMillis());
    assertEquals(List.of(2L), versions(ring.since(15)));
    assertEquals(15, ring.since(15).completeSinceMillis());
  }

  @Test
  void keepsOfAVirtualServiceWhatALineShows() {
    ChangeRing ring = new ChangeRing(4, 5);
    RuleSet rules =
        new RuleSet(
            List.of("a.test"),
            List.of(new Rule("r", Match.ALL, new Action.Redirect(308, "https", "", 0, "/", true))));
    VirtualService large = new VirtualService("vs", "x".repeat(500_000), 7, rules);
    ring.record(new ChangeRecord(10, 1, Cause.CHANGE, large, large));
    ChangeRecord kept = ring.since(0).records().getFirst();
    VirtualService before = (VirtualService) kept.before();
    assertTrue(before.document().length() < 300, before.document());
    assertEquals(new RuleSet(List.of("a.test"), List.of()), before.rules());
    assertEquals(kept.before(), kept.after());
  }

  @Test
  void saysSinceWhenNothingIsMissing() {
    ChangeRing ring = new ChangeRing(4, 5);
    for (int i = 1; i <= 9; i++) {
      ring.record(record(i));
    }
    assertEquals(9, ring.count());
    ChangeRing.Page page = ring.since(0);
    assertEquals(9, page.records().getLast().version());
    assertTrue(page.records().size() >= 3, "one place may be being written");
    assertEquals(page.records().getFirst().atMillis() + 1, page.completeSinceMillis());
    assertEquals(List.of(9L), versions(ring.since(90)));
    assertEquals(90, ring.since(90).completeSinceMillis());
  }

  @Test
  @Timeout(60)
  void readerSeesWholeRecordsInOrderWhileTheWriterGoesOn() throws Exception {
    ChangeRing ring = new ChangeRing(64, 0);
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Long> reading =
          () -> {
            long pages = 0;
            while (!done.get() || pages == 0) {
              List<Long> seen = versions(ring.since(0));
              for (int i = 1; i < seen.size(); i++) {
                assertEquals(seen.get(i - 1) + 1, seen.get(i));
              }
              pages++;
            }
            return pages;
          };
      Future<Long> pages = threads.submit(reading);
      for (long i = 1; i <= 200_000; i++) {
        ring.record(record(i));
      }
      done.set(true);
      assertTrue(pages.get() > 0);
    }
  }
}
