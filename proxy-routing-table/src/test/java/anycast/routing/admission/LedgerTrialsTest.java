package anycast.routing.admission;

import static anycast.routing.admission.Cast.instance;
import static anycast.routing.admission.Cast.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Entity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// How suspects are tried, and who waits meanwhile.
final class LedgerTrialsTest {
  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);

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
  void suspectThatIsRemovedAndComesBackIsASuspect() {
    proxy.tell(rules("a", 1));
    proxy.crash();
    proxy.remove(rules("a", 1).key());
    Verdict verdict = proxy.tellOne(rules("a", 1));
    assertEquals(Verdict.Why.SUSPECT, assertInstanceOf(Verdict.Hold.class, verdict).why());
  }
}
