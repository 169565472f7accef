package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.lastgood.FragileDisk;
import anycast.routing.model.AppId;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LedgerTest {
  private static final LastEnd ABNORMAL = new LastEnd(LastEnd.Kind.ABNORMAL, List.of());
  private static final LastEnd MACHINE = new LastEnd(LastEnd.Kind.MACHINE, List.of());
  private static final LastEnd ORDERLY = new LastEnd(LastEnd.Kind.ORDERLY, List.of());

  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);

  /// Virtual service `name` in its `version`-th form.
  static VirtualService rules(String name, int version) {
    return new VirtualService(
        name, "# " + version, version, new RuleSet(List.of(name + ".test"), List.of()));
  }

  static LastEnd.Blamed blamed(Entity entity, boolean proven) {
    return blamed(entity, Stage.RULE, proven ? LastEnd.Evidence.STUCK : LastEnd.Evidence.NEAR);
  }

  private static LastEnd.Blamed blamed(Entity entity, Stage stage, LastEnd.Evidence evidence) {
    return new LastEnd.Blamed(
        ContentHash.of(entity), "", stage, "loop-3", "at Rule.evaluate", evidence);
  }

  private static LastEnd.Blamed blamed(String host, LastEnd.Evidence evidence) {
    return new LastEnd.Blamed(ContentHash.NONE, host, Stage.ROUTE, "loop-1", "stack", evidence);
  }

  private static Instance instance(String id, String address, Map<String, String> labels) {
    return new Instance(
        new InstanceId(id),
        new AppId("app"),
        new NodeId("wrk-1"),
        new RegionCode("fra"),
        address,
        80,
        Instance.State.STARTED,
        labels,
        1);
  }

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
  void batchIsTriedInHalvesUntilTheGuiltyOneIsAlone() {
    assertEquals(6 + 2, endsUntilQuarantine(64, 0), "always in the half that is tried first");
    assertTrue(endsUntilQuarantine(64, 37) <= 6 + 2);
    assertTrue(endsUntilQuarantine(64, 63) <= 6 + 2);
    assertEquals(2, endsUntilQuarantine(1, 0));
    assertTrue(endsUntilQuarantine(3, 2) <= 2 + 2);
  }

  private static int endsUntilQuarantine(int size, int index) {
    Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);
    List<Entity> batch = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      batch.add(rules("vs" + i, 1));
    }
    proxy.tell(batch.toArray(Entity[]::new));
    Entity guilty = batch.get(index);
    int ends = 1;
    proxy.crash();
    for (int second = 0; second < 1_000 && !proxy.isOut(guilty); second++) {
      proxy.beat(true);
      if (proxy.serves(guilty)) {
        proxy.crash();
        ends++;
      }
    }
    assertTrue(proxy.isOut(guilty));
    assertEquals(1, proxy.ledger.view().quarantined().size());
    assertEquals(0, proxy.ledger.view().suspects(), "the others are cleared with the guilty one");
    proxy.soak();
    assertEquals(size - 1, proxy.inForce.size());
    return ends;
  }

  @Test
  void innocentBatchComesIntoForceInHalves() {
    List<Entity> batch = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      batch.add(rules("vs" + i, 1));
    }
    proxy.tell(batch.toArray(Entity[]::new));
    proxy.crash();
    List<Integer> sizes = new ArrayList<>();
    for (int second = 0; second < 100; second++) {
      int size = proxy.beat(true).size();
      if (size > 0) {
        sizes.add(size);
      }
    }
    assertEquals(List.of(4, 2, 1, 1), sizes);
    assertEquals(0, proxy.ledger.view().suspects());
  }

  @Test
  void rulesWaitWhileSuspectsAreTriedButInstancesDoNot() {
    proxy.tell(rules("a", 1));
    proxy.crash();
    Verdict verdict = proxy.tellOne(rules("b", 1));
    assertEquals(Verdict.Why.TRIAL, assertInstanceOf(Verdict.Hold.class, verdict).why());
    assertInstanceOf(
        Verdict.Admit.class, proxy.tellOne(instance("i", "10.0.0.1", Map.of("tier", "x"))));
    proxy.beats(30);
    assertTrue(proxy.serves(rules("b", 1)));
  }

  @Test
  void rulesDoNotWaitForEverWhenTheProcessIsNeverWell() {
    proxy.tell(rules("a", 1));
    proxy.crash();
    proxy.tell(rules("b", 1));
    for (int second = 0; second < 210; second++) {
      proxy.beat(false);
    }
    assertTrue(proxy.serves(rules("b", 1)));
    assertFalse(proxy.serves(rules("a", 1)));
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
  void newVersionOfARowSupersedesTheQuarantineButTheOldContentStaysOut() {
    quarantined(rules("a", 2));
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("a", 3)));
    proxy.soak();
    assertEquals(0, proxy.ledger.view().quarantined().size());
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
    proxy.beat(true);
    assertEquals(1, proxy.ledger.view().quarantined().size());
    assertTrue(proxy.serves(rules("a", 3)));
  }

  /// `entity` is told and found guilty.
  private void quarantined(Entity entity) {
    proxy.tell(entity);
    proxy.crashBlaming(blamed(entity, true));
    assertTrue(proxy.isOut(entity));
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

  @Test
  void versionBeforeToldAgainSupersedesTheQuarantineButTheBadContentStaysOut() {
    proxy.tell(rules("a", 1));
    proxy.soak();
    quarantined(rules("a", 2));
    VirtualService back = new VirtualService("a", "# 1", 3, rules("a", 1).rules());
    assertInstanceOf(Verdict.Free.class, proxy.tellOne(back));
    proxy.beat(true);
    assertEquals(List.of(), proxy.ledger.view().quarantined());
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
  }

  @Test
  void removedRowThatComesBackWithTheSameContentStaysOut() {
    quarantined(rules("a", 2));
    proxy.remove(rules("a", 2).key());
    proxy.beat(true);
    assertEquals(List.of(), proxy.ledger.view().quarantined(), "nobody wants it any more");
    assertInstanceOf(Verdict.Quarantined.class, proxy.tellOne(rules("a", 2)));
  }

  @Test
  void suspectThatIsRemovedAndComesBackIsASuspect() {
    proxy.tell(rules("a", 1));
    proxy.crash();
    proxy.remove(rules("a", 1).key());
    Verdict verdict = proxy.tellOne(rules("a", 1));
    assertEquals(Verdict.Why.SUSPECT, assertInstanceOf(Verdict.Hold.class, verdict).why());
  }

  @Test
  void quarantineOutlivesRestartsAndExpires() {
    quarantined(rules("a", 2));
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
  void wallClockThatIsSetForwardLetsNobodyOut() {
    quarantined(rules("a", 2));
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
    quarantined(rules("a", 2));
    proxy.set = Duration.ofDays(-40).plus(Duration.ofSeconds(1));
    proxy.beats(2);
    proxy.seconds += Duration.ofHours(24).toSeconds();
    proxy.beat(true);
    assertFalse(proxy.isOut(rules("a", 2)));
  }

  @Test
  void wallClockThatIsSetBackBetweenTwoLivesKeepsNobodyInForLongerThanQuarantineLasts() {
    quarantined(rules("a", 2));
    proxy.set = Duration.ofDays(-10);
    proxy.kill().start(ORDERLY);
    assertTrue(proxy.isOut(rules("a", 2)));
    proxy.seconds += Duration.ofHours(24).toSeconds();
    proxy.beat(true);
    assertFalse(proxy.isOut(rules("a", 2)));
  }

  @Test
  void machineThatLearnsTheTimeAfterItsStartKeepsOutWhatIsOut() {
    quarantined(rules("a", 2));
    proxy.set = Duration.ofSeconds(-proxy.seconds);
    proxy.kill().start(ORDERLY);
    proxy.beats(3);
    proxy.set = Duration.ZERO;
    proxy.beats(3);
    assertTrue(proxy.isOut(rules("a", 2)));
  }

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
      quarantined(rules("a", version));
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
    VirtualService other = LedgerTest.on("b", 1, "*.a.test");
    VirtualService bad = LedgerTest.on("c", 1, "x.a.test");
    proxy.tell(other);
    proxy.soak();
    proxy.tell(bad);
    proxy.crashBlaming(blamed("x.a.test", LastEnd.Evidence.STUCK));
    assertTrue(proxy.isOut(bad));
    assertTrue(proxy.serves(other));
  }

  @Test
  void ofTwoOnAHostThatAreBothNewNeitherIsProven() {
    VirtualService one = LedgerTest.on("b", 1, "*.a.test");
    VirtualService other = LedgerTest.on("c", 1, "x.a.test");
    proxy.tell(one, other);
    proxy.crashBlaming(blamed("x.a.test", LastEnd.Evidence.STUCK));
    assertFalse(proxy.isOut(one) || proxy.isOut(other));
    assertEquals(2, proxy.ledger.view().suspects());
  }

  private static VirtualService on(String name, int version, String host) {
    return new VirtualService(name, "# " + version, version, new RuleSet(List.of(host), List.of()));
  }

  @Test
  void operatorReleasesAnEntryWhichThenComesIntoForce() {
    quarantined(rules("a", 2));
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
  void tooManyEntriesAtOnceAreJournaledAsTheirNumber() {
    List<Entity> many = new ArrayList<>();
    for (int i = 0; i <= Ledger.MAX_PENDING; i++) {
      many.add(new Hostname("h" + i + ".test", new AppId("app"), 1));
    }
    proxy.tell(many.toArray(Entity[]::new));
    assertEquals(0, proxy.ledger.view().pending());
    proxy.crash();
    assertEquals(Ledger.MAX_PENDING + 1, proxy.inForce.size());
    assertEquals(0, proxy.ledger.view().suspects());
  }

  @Test
  void secondWaveTakesARuleLaterAndAnInstanceAtOnce() {
    Proxy late = inSecondWave(rules("a", 1));
    Verdict verdict = late.tellOne(rules("a", 1));
    assertEquals(Verdict.Why.SECOND_WAVE, assertInstanceOf(Verdict.Hold.class, verdict).why());
    assertInstanceOf(
        Verdict.Admit.class, late.tellOne(instance("i", "10.0.0.1", Map.of("tier", "x"))));
    assertTrue(late.beats(59).isEmpty());
    assertEquals(List.of(rules("a", 1)), late.beats(1));
  }

  /// A proxy that is not among the first with this entity.
  private static Proxy inSecondWave(Entity entity) {
    for (int i = 0; ; i++) {
      Proxy late = new Proxy("edge-" + i);
      late.limits =
          new AdmissionLimits(
              Duration.ofMillis(250),
              Proxy.SOAK,
              Duration.ofHours(24),
              0.25,
              Duration.ofSeconds(60));
      if (!new Wave(late.self, 0.25).first(ContentHash.of(entity))) {
        return late.start(LastEnd.NONE);
      }
    }
  }

  @Test
  void whatTheFirstWaveRejectsStaysOutOfTheSecond() {
    Proxy late = inSecondWave(rules("a", 1));
    late.tell(rules("a", 1));
    ContentHash hash = ContentHash.of(rules("a", 1));
    late.ledger.onReject(hash, new NodeId("edge-99"), late.now());
    assertTrue(late.beats(300).isEmpty());
    HeldEntry held = late.ledger.view().held().getFirst();
    assertEquals(Verdict.Why.REJECTED, held.why());
    assertEquals("edge-99 keeps it out", held.detail());
    late.ledger.onRejectWithdrawn(hash, new NodeId("edge-99"));
    assertEquals(List.of(rules("a", 1)), late.beats(1));
  }

  @Test
  void rejectThatComesBeforeTheEntryHoldsItToo() {
    Proxy late = inSecondWave(rules("a", 1));
    ContentHash hash = ContentHash.of(rules("a", 1));
    late.ledger.onReject(hash, new NodeId("edge-99"), late.now());
    Verdict verdict = late.tellOne(rules("a", 1));
    assertEquals(Verdict.Why.REJECTED, assertInstanceOf(Verdict.Hold.class, verdict).why());
  }

  @Test
  void whatAnInstanceRejectsItselfComesBackAndHoldsNothing() {
    Proxy late = inSecondWave(rules("a", 1));
    late.ledger.onReject(ContentHash.of(rules("a", 1)), late.self, late.now());
    late.tell(rules("a", 1));
    assertEquals(List.of(rules("a", 1)), late.beats(60));
  }

  @Test
  void whatAnOperatorReleasesDoesNotWaitForOtherInstances() {
    Proxy late = inSecondWave(rules("a", 1));
    ContentHash hash = ContentHash.of(rules("a", 1));
    late.ledger.quarantine(rules("a", 1), null, Stage.COMPILE, "why", "", late.now());
    late.ledger.onReject(hash, new NodeId("edge-99"), late.now());
    assertTrue(late.ledger.release(hash, late.now()));
    assertEquals(List.of(rules("a", 1)), late.beat(true));
  }

  @Test
  void rejectsOfNodesThatStateDoesNotKnowHoldNothingUntilItDoes() {
    Proxy late = inSecondWave(rules("a", 1));
    Set<NodeId> nodes = new HashSet<>();
    late.ledger.believe(nodes::contains);
    NodeId node = new NodeId("edge-99");
    late.ledger.onReject(ContentHash.of(rules("a", 1)), node, late.now());
    nodes.add(node);
    late.tell(rules("a", 1));
    assertTrue(late.beats(120).isEmpty());
    nodes.clear();
    assertEquals(List.of(rules("a", 1)), late.beat(true));
  }

  @Test
  void aHundredThousandFalseRejectsNeitherPushOutTheTrueOneNorShowTheLedgerEachTime() {
    Proxy late = inSecondWave(rules("a", 1));
    NodeId node = new NodeId("edge-99");
    late.ledger.believe(node::equals);
    late.tell(rules("a", 1));
    late.ledger.onReject(ContentHash.of(rules("a", 1)), node, late.now());
    LedgerView view = late.ledger.view();
    for (int i = 0; i < 100_000; i++) {
      late.ledger.onReject(new ContentHash(7, i), new NodeId("no-" + i % 999), late.now());
    }
    assertSame(view, late.ledger.view());
    assertTrue(late.beats(120).isEmpty());
    for (int i = 0; i < Hearsay.MAX_OF_NODE; i++) {
      late.ledger.onReject(new ContentHash(7, i), node, late.now());
    }
    assertEquals(List.of(rules("a", 1)), late.beat(true), "a node has so many words at most");
  }

  @Test
  void rejectOfAnotherInstanceLeavesWhatIsInForceHere() {
    proxy.tell(rules("a", 1));
    proxy.ledger.onReject(ContentHash.of(rules("a", 1)), new NodeId("edge-99"), proxy.now());
    proxy.soak();
    assertTrue(proxy.serves(rules("a", 1)));
  }

  @Test
  void newerVersionTakesTheWaitingOnesPlaceAndRemovalEndsTheWait() {
    Proxy late = inSecondWave(rules("a", 1));
    late.tell(rules("a", 1));
    late.remove(rules("a", 1).key());
    assertTrue(late.beats(100).isEmpty());
    assertEquals(0, late.ledger.view().heldCount());
  }

  @Test
  void sharesOfAWaveAreAsConfigured() {
    int first = 0;
    for (int i = 0; i < 4_000; i++) {
      first += new Wave(new NodeId("edge-" + i), 0.25).first(ContentHash.of(rules("a", 1))) ? 1 : 0;
    }
    assertEquals(1_000, first, 120);
  }

  @Test
  void diskThatRefusesCostsTheJournalAndNothingElse() {
    proxy.disk.refuseAfter(0, "No space left on device");
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("a", 1)));
    assertEquals("not written: No space left on device", proxy.ledger.view().journal());
    proxy.disk.healed();
    proxy.beats(5);
    assertFalse(proxy.ledger.view().journal().isEmpty(), "tried again every half minute");
    proxy.tell(rules("b", 1));
    proxy.beats(26);
    proxy.tell(rules("c", 1));
    assertEquals("", proxy.ledger.view().journal());
    proxy.crash();
    assertEquals(1, proxy.ledger.view().suspects(), "a and b were stable when it was mended");
  }

  @Test
  void journalWhoseFileIsTakenAwayIsWrittenAnew() throws Exception {
    quarantined(rules("a", 1));
    for (String name : List.copyOf(proxy.disk.list())) {
      proxy.disk.delete(name);
    }
    proxy.beats(31);
    proxy.crash();
    assertTrue(proxy.isOut(rules("a", 1)));
  }

  @Test
  void journalThatWasCopiedFromAnotherNodeKeepsOutWhatDidHarmAndSuspectsNobody() {
    quarantined(rules("a", 1));
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
  void damageInTheMiddleOfAJournalCostsOneRecord() {
    quarantined(rules("a", 1));
    quarantined(rules("b", 1));
    proxy.ledger.close();
    String name = proxy.disk.list().getFirst();
    byte[] bytes = proxy.disk.bytes(name);
    bytes[Journal.HEAD_BYTES + 60] ^= 1;
    proxy.disk.put(name, bytes);
    proxy.start(ORDERLY);
    assertEquals(1, proxy.ledger.view().quarantined().size());
    assertTrue(proxy.ledger.view().notes().getFirst().contains("wrong checksum"));
  }

  @Test
  void journalIsWrittenAnewWhenItHasGrown() {
    VirtualService large = new VirtualService("a", "#".repeat(900_000), 1);
    for (int i = 0; i < 40; i++) {
      proxy.tell(new VirtualService("a", i + large.document(), i));
      proxy.beats(11);
    }
    proxy.tell(rules("a", 1));
    long size = proxy.disk.bytes(proxy.disk.list().getFirst()).length;
    assertTrue(size < 40 << 20, "is " + size);
    assertEquals(1, proxy.disk.list().size());
    proxy.crash();
    assertEquals(1, proxy.ledger.view().suspects());
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
