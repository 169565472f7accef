package anycast.routing.admission;

import static anycast.routing.admission.Cast.blamed;
import static anycast.routing.admission.Cast.instance;
import static anycast.routing.admission.Cast.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.VirtualService;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a ledger makes of soaks and of ends: who is stable, who is a suspect, who is guilty.
final class LedgerTest {
  private static final LastEnd ABNORMAL = new LastEnd(LastEnd.Kind.ABNORMAL, List.of());
  private static final LastEnd MACHINE = new LastEnd(LastEnd.Kind.MACHINE, List.of());
  private static final LastEnd ORDERLY = new LastEnd(LastEnd.Kind.ORDERLY, List.of());

  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);

  @Test
  void whatSoakedIsStableAndSuspectedByNobody() {
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("a", 1)));
    assertEquals(1, proxy.ledger.view().pending());
    proxy.soak();
    assertEquals(0, proxy.ledger.view().pending());
    proxy.crash();
    assertTrue(proxy.serves(rules("a", 1)));
    assertEquals(0, proxy.ledger.view().suspects());
  }

  @Test
  void soakBeginsAnewWhenTheProcessIsNotWell() {
    proxy.tell(rules("a", 1));
    proxy.beats(8);
    proxy.beat(false);
    proxy.beats(8);
    assertEquals(1, proxy.ledger.view().pending());
    proxy.beats(2);
    assertEquals(0, proxy.ledger.view().pending());
  }

  @Test
  void timeInWhichNoBeatCameProvesNothing() {
    proxy.tell(rules("a", 1));
    proxy.seconds += 100;
    proxy.beat(true);
    assertEquals(1, proxy.ledger.view().pending());
  }

  @Test
  void orderlyEndScoresNothing() {
    proxy.tell(rules("a", 1));
    proxy.ledger.close();
    proxy.kill().start(ABNORMAL);
    assertTrue(proxy.serves(rules("a", 1)));
    assertEquals(0, proxy.ledger.view().suspects());
    assertEquals(1, proxy.ledger.view().pending());
  }

  @Test
  void flightThatSaysOrderlyScoresNothing() {
    proxy.tell(rules("a", 1));
    proxy.kill().start(ORDERLY);
    assertTrue(proxy.serves(rules("a", 1)));
    assertEquals(0, proxy.ledger.view().suspects());
  }

  @Test
  void crashOfAProcessWithoutAFlightFileScoresAllTheSame() {
    proxy.tell(rules("a", 1));
    proxy.kill().start(LastEnd.NONE);
    assertEquals(1, proxy.ledger.view().suspects());
  }

  @Test
  void suspectWaitsAndItsPreviousVersionServes() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.tell(rules("a", 2));
    proxy.crash();
    assertEquals("# 1", ((VirtualService) proxy.inForce.get(rules("a", 1).key())).document());
    assertEquals(1, proxy.ledger.view().suspects());
    assertEquals(Verdict.Why.SUSPECT, proxy.ledger.view().held().getFirst().why());
    assertEquals(List.of(rules("a", 2)), proxy.beats(10));
    proxy.soak();
    assertTrue(proxy.serves(rules("a", 2)));
    assertEquals(0, proxy.ledger.view().suspects());
    proxy.crash();
    assertTrue(proxy.serves(rules("a", 2)));
  }

  @Test
  void aloneAtTwoCrashesIsQuarantined() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.tell(rules("a", 2));
    proxy.crash();
    proxy.beats(10);
    proxy.crash();
    assertTrue(proxy.isOut(rules("a", 2)));
    assertEquals("# 1", ((VirtualService) proxy.inForce.get(rules("a", 1).key())).document());
    QuarantineEntry entry = proxy.ledger.view().quarantined().getFirst();
    assertEquals("virtual_services", entry.table());
    assertEquals("a", entry.key());
    assertTrue(entry.previousServes());
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
  }

  @Test
  void crashInWhichItWasNotOnTrialDoesNotCount() {
    proxy.tell(rules("a", 1));
    proxy.crash();
    proxy.crash();
    proxy.crash();
    assertFalse(proxy.isOut(rules("a", 1)));
    assertEquals(1, proxy.ledger.view().suspects());
  }

  @Test
  void machinesEndIsHalfAsSuspiciousAndHoldsNothingBackTheFirstTime() {
    proxy.tell(rules("a", 1));
    proxy.kill().start(MACHINE);
    assertTrue(proxy.serves(rules("a", 1)));
    assertEquals(0, proxy.ledger.view().suspects());
    proxy.kill().start(MACHINE);
    assertFalse(proxy.serves(rules("a", 1)));
    proxy.beats(10);
    proxy.kill().start(MACHINE);
    proxy.beats(10);
    assertFalse(proxy.isOut(rules("a", 1)));
    proxy.kill().start(MACHINE);
    assertTrue(proxy.isOut(rules("a", 1)));
  }

  @Test
  void provenEntryIsQuarantinedAtOnceAndTheOthersAreNotSuspected() {
    proxy.tell(rules("a", 1), rules("b", 1), rules("c", 1));
    proxy.crashBlaming(blamed(rules("b", 1), true));
    assertTrue(proxy.isOut(rules("b", 1)));
    assertFalse(proxy.serves(rules("b", 1)));
    assertTrue(proxy.serves(rules("a", 1)) && proxy.serves(rules("c", 1)));
    assertEquals(0, proxy.ledger.view().suspects());
    QuarantineEntry entry = proxy.ledger.view().quarantined().getFirst();
    assertEquals(Stage.RULE, entry.stage());
    assertEquals("at Rule.evaluate", entry.detail());
  }

  @Test
  void provenEntryThatWasStableIsQuarantinedTooAndGetsItsNameWhenItIsSeen() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.crashBlaming(blamed(rules("a", 1), true));
    assertFalse(proxy.inForce.containsKey(rules("a", 1).key()));
    assertEquals("a", proxy.ledger.view().quarantined().getFirst().key());
  }

  @Test
  void provenHostBlamesTheOnePendingVirtualServiceThatHasIt() {
    proxy.tell(rules("a", 1), rules("b", 1));
    proxy.crashBlaming(blamed("B.test", LastEnd.Evidence.STUCK));
    assertTrue(proxy.isOut(rules("b", 1)));
    assertFalse(proxy.isOut(rules("a", 1)));
  }

  @Test
  void whatHasServedForLongIsNotConvictedByAClockAlone() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    for (Stage stage : List.of(Stage.RULE, Stage.ROUTE, Stage.COMPILE, Stage.VALIDATE)) {
      proxy.crashBlaming(blamed(rules("a", 1), stage, LastEnd.Evidence.LONG));
      assertTrue(proxy.serves(rules("a", 1)), stage::toString);
      assertEquals(0, proxy.ledger.view().suspects());
    }
  }

  @Test
  void whatIsNotStableIsConvictedByAClock() {
    proxy.tell(rules("a", 1), rules("b", 1));
    proxy.crashBlaming(blamed(rules("b", 1), Stage.RULE, LastEnd.Evidence.LONG));
    assertTrue(proxy.isOut(rules("b", 1)));
    assertTrue(proxy.serves(rules("a", 1)));
    proxy.crashBlaming(blamed(rules("c", 1), Stage.COMPILE, LastEnd.Evidence.LONG));
    assertTrue(proxy.isOut(rules("c", 1)), "it was never in force");
  }

  @Test
  void hostBlamesTheInstancesWhoseLabelsMakeItsRules() {
    Entity one = instance("i", "10.0.0.1", Map.of("route.host", "other.test"));
    Entity guilty = instance("j", "10.0.0.2", Map.of("route.host", "x.test, *.Shop.test"));
    proxy.tell(rules("a", 1), one, guilty);
    proxy.crashBlaming(blamed("www.shop.test", LastEnd.Evidence.NEAR));
    assertEquals(List.of(guilty), proxy.beats(10), "tried first and alone");
    proxy.crashBlaming(blamed("www.shop.test", LastEnd.Evidence.STUCK));
    assertTrue(proxy.isOut(guilty));
    assertFalse(proxy.isOut(one));
  }

  @Test
  void blamedButNotProvenIsTriedFirstAndAlone() {
    proxy.tell(rules("a", 1), rules("b", 1), rules("c", 1));
    proxy.crashBlaming(blamed(rules("c", 1), false));
    assertFalse(proxy.isOut(rules("c", 1)));
    assertEquals(List.of(rules("c", 1)), proxy.beats(10));
  }

  @Test
  void stableEntryThatIsOnlyNearACrashIsLeftAlone() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.crashBlaming(blamed(rules("a", 1), false));
    assertTrue(proxy.serves(rules("a", 1)));
    assertEquals(0, proxy.ledger.view().suspects());
  }

  @Test
  void entriesOfAFixedShapeGoAtOnceAndLeaveNoTrace() {
    int steps = proxy.disk.steps();
    Cordon cordon = new Cordon(new NodeId("wrk-1"), new InstanceId("i"), "disk", 1);
    assertInstanceOf(Verdict.Free.class, proxy.tellOne(cordon));
    assertInstanceOf(Verdict.Free.class, proxy.tellOne(instance("i", "10.0.0.1", Map.of())));
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(instance("i", "10.0.0.2", Map.of())));
    assertEquals(1, proxy.ledger.view().pending());
    assertEquals(steps + 2, proxy.disk.steps(), "one append and one sync, for the one with a risk");
  }

  @Test
  void sameContentAgainIsFreeWhateverItsGeneration() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    VirtualService again = new VirtualService("a", "# 1", 77, rules("a", 1).rules());
    assertInstanceOf(Verdict.Free.class, proxy.tellOne(again));
    assertEquals(0, proxy.ledger.view().pending());
  }

  @Test
  void authorWhoTakesAChangeBackHasItAtOnceAndTheChangeIsForgotten() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.tell(rules("a", 2));
    assertInstanceOf(Verdict.Free.class, proxy.tellOne(rules("a", 1)));
    assertEquals(0, proxy.ledger.view().pending());
    proxy.crash();
    assertTrue(proxy.serves(rules("a", 1)));
    assertEquals(0, proxy.ledger.view().suspects());
  }

  @Test
  void versionThatWentBeforeItWasStableDoesNotComeBackFromASavedTable() {
    proxy.tell(rules("a", 1));
    proxy.tell(rules("a", 2));
    proxy.told.put(rules("a", 1).key(), rules("a", 1));
    proxy.crash();
    assertNull(proxy.inForce.get(rules("a", 1).key()));
  }
}
