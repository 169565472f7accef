package anycast.routing.admission;

import static anycast.routing.admission.Cast.blamed;
import static anycast.routing.admission.Cast.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.lastgood.FragileDisk;
import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Harm under adverse circumstances: hasty authors, shared hosts, set clocks, copied journals.
final class LedgerHarmTest {
  private static final LastEnd ORDERLY = new LastEnd(LastEnd.Kind.ORDERLY, List.of());

  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);

  @Test
  void whoIsStuckInWhatItsAuthorTookBackIsProvenAllTheSame() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    for (LastEnd.Evidence evidence : List.of(LastEnd.Evidence.LONG, LastEnd.Evidence.STUCK)) {
      int version = 2 + evidence.ordinal();
      proxy.tell(rules("a", version));
      proxy.tell(rules("a", 1));
      proxy.crashBlaming(blamed(rules("a", version), Stage.RULE, evidence));
      assertTrue(proxy.serves(rules("a", 1)));
      assertEquals("a", proxy.ledger.view().quarantined().getFirst().key());
      proxy.tell(rules("a", 1));
      assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", version)));
      assertInstanceOf(Verdict.Free.class, proxy.tellOne(rules("a", 1)));
    }
  }

  @Test
  void eachVersionOfARowThatDoesHarmAgainAndAgainWaitsLonger() {
    for (int version = 1; version <= Repeats.HARM; version++) {
      assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("a", version)));
      proxy.crashBlaming(blamed(rules("a", version), true));
    }
    for (int minutes = 1; minutes <= 4; minutes *= 2) {
      VirtualService next = rules("a", 10 + minutes);
      Verdict verdict = proxy.tellOne(next);
      assertEquals(Verdict.Why.REPEATED, assertInstanceOf(Verdict.Hold.class, verdict).why());
      long due = proxy.now().millis() + minutes * 60_000L;
      assertEquals(List.of(), proxy.beats(minutes * 60 - 1));
      assertEquals(due, proxy.ledger.view().held().getFirst().untilMillis());
      assertEquals(List.of(next), proxy.beat(true));
      proxy.crashBlaming(blamed(next, true));
    }
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("b", 1)), "another row");
  }

  @Test
  void whoWritesFasterThanItMayBeTriedIsTriedAllTheSame() {
    for (int version = 1; version <= Repeats.HARM; version++) {
      proxy.quarantined(rules("a", version));
    }
    for (int i = 0; i < 6; i++) {
      proxy.tell(rules("a", 10 + i));
      assertEquals(List.of(), proxy.beats(9));
    }
    assertEquals(List.of(rules("a", 15)), proxy.beats(6));
    proxy.soak();
    assertTrue(proxy.serves(rules("a", 15)));
  }

  @Test
  void whoIsStuckInWhatWasRemovedIsProvenAllTheSame() {
    proxy.tell(rules("a", 2));
    proxy.remove(rules("a", 2).key());
    proxy.crashBlaming(blamed(rules("a", 2), Stage.RULE, LastEnd.Evidence.LONG));
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("a", 3)));
  }

  @Test
  void ofTwoOnAHostTheOneOnTrialIsProvenAndTheOtherServesOn() {
    VirtualService other = on("b", 1, "*.a.test");
    VirtualService bad = on("c", 1, "x.a.test");
    proxy.tell(other);
    proxy.soak();
    proxy.tell(bad);
    proxy.crashBlaming(blamed("x.a.test", LastEnd.Evidence.STUCK));
    assertTrue(proxy.isOut(bad));
    assertTrue(proxy.serves(other));
  }

  @Test
  void ofTwoOnAHostThatAreBothNewNeitherIsProven() {
    VirtualService one = on("b", 1, "*.a.test");
    VirtualService other = on("c", 1, "x.a.test");
    proxy.tell(one, other);
    proxy.crashBlaming(blamed("x.a.test", LastEnd.Evidence.STUCK));
    assertFalse(proxy.isOut(one) || proxy.isOut(other));
    assertEquals(2, proxy.ledger.view().suspects());
  }

  @Test
  void wallClockThatIsSetForwardLetsNobodyOut() {
    proxy.quarantined(rules("a", 2));
    proxy.set = Duration.ofDays(40);
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
    proxy.beats(60);
    assertTrue(proxy.isOut(rules("a", 2)));
    QuarantineEntry out = proxy.ledger.view().quarantined().getFirst();
    assertEquals(proxy.now().millis(), out.sinceMillis(), 120_000, "dates follow the clock");
    proxy.kill().start(ORDERLY);
    assertTrue(proxy.isOut(rules("a", 2)));
    proxy.seconds += Duration.ofHours(24).toSeconds();
    proxy.beat(true);
    assertFalse(proxy.isOut(rules("a", 2)));
  }

  @Test
  void wallClockThatIsSetBackKeepsNobodyInForLonger() {
    proxy.quarantined(rules("a", 2));
    proxy.set = Duration.ofDays(-40).plus(Duration.ofSeconds(1));
    proxy.beats(2);
    proxy.seconds += Duration.ofHours(24).toSeconds();
    proxy.beat(true);
    assertFalse(proxy.isOut(rules("a", 2)));
  }

  @Test
  void wallClockThatIsSetBackBetweenTwoLivesKeepsNobodyInForLongerThanQuarantineLasts() {
    proxy.quarantined(rules("a", 2));
    proxy.set = Duration.ofDays(-10);
    proxy.kill().start(ORDERLY);
    assertTrue(proxy.isOut(rules("a", 2)));
    proxy.seconds += Duration.ofHours(24).toSeconds();
    proxy.beat(true);
    assertFalse(proxy.isOut(rules("a", 2)));
  }

  @Test
  void machineThatLearnsTheTimeAfterItsStartKeepsOutWhatIsOut() {
    proxy.quarantined(rules("a", 2));
    proxy.set = Duration.ofSeconds(-proxy.seconds);
    proxy.kill().start(ORDERLY);
    proxy.beats(3);
    proxy.set = Duration.ZERO;
    proxy.beats(3);
    assertTrue(proxy.isOut(rules("a", 2)));
  }

  @Test
  void journalThatWasCopiedFromAnotherNodeKeepsOutWhatDidHarmAndSuspectsNobody() {
    proxy.quarantined(rules("a", 1));
    proxy.tell(rules("b", 1), rules("c", 1));
    Proxy copy = new Proxy("edge-2");
    copy.disk = proxy.disk.after(-1, FragileDisk.Tear.ALL_ARRIVED);
    copy.start(LastEnd.NONE);
    assertTrue(copy.isOut(rules("a", 1)));
    assertEquals(0, copy.ledger.view().suspects());
    assertInstanceOf(Verdict.Admit.class, copy.tellOne(rules("b", 1)));
    assertEquals(
        List.of("the journal is edge-1's: what it keeps out stays out, the rest is forgotten"),
        copy.ledger.view().notes());
    copy.crash();
    assertEquals(1, copy.ledger.view().suspects(), "from now on it is this one's");
  }

  @Test
  void whoIsStuckInWhatWasStableHasItsRowBackAsItWasBefore() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    proxy.tell(rules("a", 2));
    proxy.soak();
    proxy.crash();
    assertTrue(proxy.serves(rules("a", 2)));
    proxy.crashBlaming(blamed(rules("a", 2), true));
    assertEquals("# 1", ((VirtualService) proxy.inForce.get(rules("a", 1).key())).document());
    assertEquals("a", proxy.ledger.view().quarantined().getFirst().key());
    proxy.crash();
    assertEquals("# 1", ((VirtualService) proxy.inForce.get(rules("a", 1).key())).document());
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
  }

  @Test
  void whatWasBeforeStableVersionsTakesNoMoreThanItsRoom() {
    String document = "#".repeat(900_000);
    for (int i = 0; i < 30; i++) {
      proxy.tell(new VirtualService("s" + i, "1" + document, 1));
    }
    proxy.soak();
    for (int i = 0; i < 30; i++) {
      proxy.tell(new VirtualService("s" + i, "2" + document, 2));
    }
    proxy.soak();
    proxy.crashBlaming(
        blamed(new VirtualService("s29", "2" + document, 2), true),
        blamed(new VirtualService("s0", "2" + document, 2), true));
    assertTrue(proxy.inForce.containsKey(new Entity.VirtualServiceKey("s29")));
    assertFalse(proxy.inForce.containsKey(new Entity.VirtualServiceKey("s0")), "too long ago");
  }

  private static VirtualService on(String name, int version, String host) {
    return new VirtualService(name, "# " + version, version, new RuleSet(List.of(host), List.of()));
  }
}
