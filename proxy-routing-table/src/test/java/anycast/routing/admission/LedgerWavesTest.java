package anycast.routing.admission;

import static anycast.routing.admission.Cast.instance;
import static anycast.routing.admission.Cast.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What comes into force here later than elsewhere, or not at all because others keep it out.
final class LedgerWavesTest {
  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);

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
}
