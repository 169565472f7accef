package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadingTest {
  private static final Locality HERE = new Locality(Rig.SELF, new RegionCode("fra"));

  /// As while no compiler may be risked.
  private static final Reading.Desk REFUSES =
      new Reading.Desk() {
        @Override
        public boolean refuses(ContentHash hash) {
          return true;
        }

        @Override
        public void harmed(VirtualService unread, Outcome<RuleSet> how) {
          throw new AssertionError("nothing is read here");
        }
      };

  @Test
  void documentsWrittenAgainAndAgainWhileNoneIsReadTakeBoundedRoom() {
    try (CompilerThread compiler =
        new CompilerThread(Ticker.system(), FlightNotes.NONE, CompilerThread.Watch.NOBODY)) {
      Reading reading =
          new Reading(
              new RoutingTable(new SnapshotBuilder(HERE).empty()),
              compiler,
              Duration.ofMillis(250),
              false);
      for (int i = 0; i < Reading.MAX_UNREAD + 10; i++) {
        assertSame(RuleSet.NONE, reading.rules("shop", "document " + i, REFUSES, () -> {}));
      }
      AtomicInteger remembered = new AtomicInteger();
      reading.forgets(_ -> remembered.incrementAndGet() > 0);
      assertEquals(Reading.MAX_UNREAD, remembered.get());
    }
  }

  /// Of its author's length, not of the entry's budget alone, which here is next to nothing.
  @Test
  void longDocumentIsNotTakenForOneThatHangs() {
    StringBuilder document = new StringBuilder("hosts: [shop.test]\nrules:\n");
    for (int i = 0; i < 5_000; i++) {
      document.append("  - { name: r%d, match: { path: { exact: /p%d } }, ".formatted(i, i));
      document.append("to: [ { selector: \"app=shop\" } ] }\n");
    }
    Reading.Desk takes =
        new Reading.Desk() {
          @Override
          public boolean refuses(ContentHash hash) {
            return false;
          }

          @Override
          public void harmed(VirtualService unread, Outcome<RuleSet> how) {
            throw new AssertionError("it harms nobody: " + how);
          }
        };
    try (CompilerThread compiler =
        new CompilerThread(Ticker.system(), FlightNotes.NONE, CompilerThread.Watch.NOBODY)) {
      compiler.start();
      Reading reading =
          new Reading(
              new RoutingTable(new SnapshotBuilder(HERE).empty()),
              compiler,
              Duration.ofMillis(1),
              false);
      RuleSet rules = reading.rules("shop", document.toString(), takes, () -> {});
      assertEquals(5_000, rules.rules().size());
    }
  }
}
