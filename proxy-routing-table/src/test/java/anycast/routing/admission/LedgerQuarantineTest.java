package anycast.routing.admission;

import static anycast.routing.admission.Cast.blamed;
import static anycast.routing.admission.Cast.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// How entries come into quarantine and out of it.
final class LedgerQuarantineTest {
  private static final LastEnd ORDERLY = new LastEnd(LastEnd.Kind.ORDERLY, List.of());

  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);

  @Test
  void newVersionOfARowSupersedesTheQuarantineButTheOldContentStaysOut() {
    proxy.quarantined(rules("a", 2));
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("a", 3)));
    proxy.soak();
    assertEquals(0, proxy.ledger.view().quarantined().size());
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
    proxy.beat(true);
    assertEquals(1, proxy.ledger.view().quarantined().size());
    assertTrue(proxy.serves(rules("a", 3)));
  }

  @Test
  void versionBeforeInThePlaceOfWhatIsOutChangesNothingAboutIt() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.tell(rules("a", 2), rules("b", 1));
    proxy.crash();
    publish(proxy.ledger.previous(ContentHash.of(rules("a", 2))).orElseThrow());
    assertEquals(2, proxy.ledger.view().suspects());
    proxy.crashBlaming(blamed(rules("a", 2), true));
    publish(proxy.ledger.previous(ContentHash.of(rules("a", 2))).orElseThrow());
    proxy.beat(true);
    assertEquals(1, proxy.ledger.view().quarantined().size());
    assertEquals(0, proxy.ledger.view().suspects());
  }

  /// Puts in force what the ledger gave, without asking it again.
  private void publish(Entity entity) {
    List<Entity> nothing = new ArrayList<>();
    nothing.add(null);
    proxy.ledger.intent(List.of(new Change.Put(entity)), nothing, proxy.now());
  }

  @Test
  void versionBeforeToldAgainSupersedesTheQuarantineButTheBadContentStaysOut() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.quarantined(rules("a", 2));
    VirtualService back = new VirtualService("a", "# 1", 3, rules("a", 1).rules());
    assertInstanceOf(Verdict.Free.class, proxy.tellOne(back));
    proxy.beat(true);
    assertEquals(List.of(), proxy.ledger.view().quarantined());
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
  }

  @Test
  void removedRowThatComesBackWithTheSameContentStaysOut() {
    proxy.quarantined(rules("a", 2));
    proxy.remove(rules("a", 2).key());
    proxy.beat(true);
    assertEquals(List.of(), proxy.ledger.view().quarantined(), "nobody wants it any more");
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
  }

  @Test
  void quarantineOutlivesRestartsAndExpires() {
    proxy.quarantined(rules("a", 2));
    proxy.ledger.close();
    proxy.kill().start(ORDERLY);
    assertTrue(proxy.isOut(rules("a", 2)));
    proxy.seconds += Duration.ofHours(24).toSeconds();
    proxy.beat(true);
    assertFalse(proxy.isOut(rules("a", 2)));
    assertEquals(1, proxy.ledger.view().suspects());
    assertEquals(List.of(rules("a", 2)), proxy.beats(11), "tried alone");
    proxy.crash();
    assertTrue(proxy.isOut(rules("a", 2)), "one more crash is enough");
  }

  @Test
  void operatorReleasesAnEntryWhichThenComesIntoForce() {
    proxy.quarantined(rules("a", 2));
    assertTrue(proxy.ledger.release(ContentHash.of(rules("a", 2)), proxy.now()));
    assertFalse(proxy.ledger.release(ContentHash.of(rules("a", 2)), proxy.now()));
    assertEquals(List.of(rules("a", 2)), proxy.beat(true));
    assertTrue(proxy.serves(rules("a", 2)));
  }

  @Test
  void entryThatTheCompilerGivesUpStaysOutWhileWhatIsInForceServes() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    QuarantineEntry entry =
        proxy.ledger.quarantine(
            rules("a", 2),
            rules("a", 1),
            Stage.COMPILE,
            "too slow",
            "x".repeat(99_999),
            proxy.now());
    assertTrue(entry.previousServes());
    assertEquals(Ledger.MAX_DETAIL, entry.detail().length());
    proxy.told.put(rules("a", 2).key(), rules("a", 2));
    proxy.crash();
    assertTrue(proxy.isOut(rules("a", 2)));
    assertEquals("# 1", ((VirtualService) proxy.inForce.get(rules("a", 1).key())).document());
  }

  @Test
  void documentQuarantinedBeforeItWasReadIsNotGivenOut() {
    VirtualService unread = new VirtualService("a", "# 1", 1);
    proxy.ledger.quarantine(unread, null, Stage.VALIDATE, "too slow", "", proxy.now());
    assertTrue(proxy.isOut(rules("a", 1)), "named by its text");
    proxy.ledger.release(ContentHash.of(unread), proxy.now());
    assertTrue(proxy.beat(true).isEmpty());
  }

  @Test
  void quarantineIsBounded() {
    for (int i = 0; i < Ledger.MAX_QUARANTINED + 10; i++) {
      proxy.seconds++;
      proxy.ledger.quarantine(rules("a" + i, 1), null, Stage.COMPILE, "why", "", proxy.now());
    }
    assertEquals(Ledger.MAX_QUARANTINED, proxy.ledger.view().quarantined().size());
    assertFalse(proxy.isOut(rules("a0", 1)));
    assertTrue(proxy.isOut(rules("a1033", 1)));
  }

  @Test
  void whatAProcessHadToEndForIsNotPushedOutByAThousandThatTheCompilerFinds() {
    proxy.tell(rules("deadly", 1));
    proxy
        .kill()
        .start(new LastEnd(LastEnd.Kind.ABNORMAL, List.of(blamed(rules("deadly", 1), true))));
    assertTrue(proxy.isOut(rules("deadly", 1)));
    for (int i = 0; i < Ledger.MAX_QUARANTINED + 10; i++) {
      proxy.seconds++;
      proxy.ledger.quarantine(rules("a" + i, 1), null, Stage.COMPILE, "why", "", proxy.now());
    }
    assertTrue(proxy.isOut(rules("deadly", 1)));
    assertFalse(proxy.isOut(rules("a0", 1)));
  }

  @Test
  void previousVersionThatIsItselfQuarantinedDoesNotServe() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.tell(rules("a", 2));
    proxy.crashBlaming(blamed(rules("a", 2), true), blamed(rules("a", 1), true));
    assertNull(proxy.inForce.get(rules("a", 1).key()));
    assertEquals(Optional.empty(), proxy.ledger.previous(ContentHash.of(rules("a", 2))));
  }
}
