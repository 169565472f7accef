package anycast.routing.admission;

import static anycast.routing.admission.Cast.blamed;
import static anycast.routing.admission.Cast.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// More new entries than a ledger journals one by one.
final class LedgerBulkTest {
  /// Two parts of it are half of what may be pending each.
  private static final int MANY = Ledger.MAX_PENDING + Ledger.MAX_PENDING / 10;

  private static final LastEnd MACHINE = new LastEnd(LastEnd.Kind.MACHINE, List.of());

  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);
  private final Entity[] many = many("h");

  private static Entity[] many(String name) {
    return IntStream.range(0, MANY)
        .mapToObj(i -> new Hostname(name + i + ".test", new AppId("app"), 1))
        .toArray(Entity[]::new);
  }

  /// It ends before its table was saved, and the next one hears the same.
  private void crash(LastEnd last, Entity... saved) {
    proxy.told.clear();
    for (Entity entity : saved) {
      proxy.told.put(entity.key(), entity);
    }
    proxy.kill().start(last);
    proxy.tell(many);
  }

  private void crash() {
    crash(new LastEnd(LastEnd.Kind.ABNORMAL, List.of()));
  }

  @Test
  void tooManyEntriesAtOnceAreJournaledAsTheirNumber() {
    proxy.tell(many);
    assertEquals(0, proxy.ledger.view().pending());
    assertEquals(MANY, proxy.ledger.view().bulk(), "nobody is to save them now");
    proxy.soak();
    assertEquals(0, proxy.ledger.view().bulk());
    proxy.crash();
    assertEquals(MANY, proxy.inForce.size());
    assertEquals(0, proxy.ledger.view().suspects());
  }

  @Test
  void oneEndIsChanceAndHoldsNothingBack() {
    proxy.tell(many);
    crash();
    assertEquals(MANY, proxy.inForce.size());
    proxy.soak();
    crash();
    assertEquals(MANY, proxy.inForce.size(), "they had proven themselves meanwhile");
    crash(MACHINE);
    crash(MACHINE);
    assertEquals(0, proxy.later.size(), "an end of the machine is half as suspicious");
  }

  @Test
  void whatEndsTwoProcessesIsFoundInItsPart() {
    proxy.tell(many);
    crash();
    crash();
    assertEquals(MANY, proxy.inForce.size() + proxy.later.size());
    int first = proxy.inForce.size();
    assertTrue(first > MANY / 3 && first <= Parts.SIZE, () -> first + " in the first part");
    assertEquals(first, proxy.ledger.view().pending());
    Entity poison = proxy.later.values().iterator().next();
    for (int second = 0; second < 60 && !proxy.serves(poison); second++) {
      proxy.beat(true);
    }
    assertEquals(MANY, proxy.inForce.size());
    int tried = proxy.ledger.view().pending();
    assertEquals(MANY - first, tried, "the first part is stable");
    proxy.crash();
    assertEquals(tried, proxy.ledger.view().suspects());
    assertFalse(proxy.serves(poison));
    assertEquals(first, proxy.inForce.size(), "what had proven itself serves");
    proxy.crashBlaming(blamed(poison, true));
    assertTrue(proxy.isOut(poison));
  }

  @Test
  void partsEndWhenAllHaveProvenThemselves() {
    proxy.tell(many);
    crash();
    crash();
    for (int second = 0; second < 60 && !proxy.later.isEmpty(); second++) {
      proxy.beat(true);
    }
    proxy.beats(30);
    assertEquals(MANY, proxy.inForce.size());
    assertEquals(0, proxy.ledger.view().pending());
    proxy.kill().start(new LastEnd(LastEnd.Kind.ABNORMAL, List.of()));
    proxy.tell(many("other"));
    assertEquals(0, proxy.later.size());
    assertEquals(2 * MANY, proxy.inForce.size());
  }

  @Test
  void nextPartWaitsWhileTheProcessIsNotWellButNotForEver() {
    proxy.tell(many);
    crash();
    crash();
    for (int second = 0; second < 195; second++) {
      proxy.beat(false);
    }
    assertFalse(proxy.later.isEmpty());
    for (int second = 0; second < 10; second++) {
      proxy.beat(false);
    }
    assertTrue(proxy.later.isEmpty());
  }

  @Test
  void entryBesideABulkWasNotAloneOnTrial() {
    proxy.tell(rules("a", 1));
    proxy.tell(many);
    crash(new LastEnd(LastEnd.Kind.ABNORMAL, List.of()), rules("a", 1));
    proxy.told.clear();
    proxy.tell(rules("a", 1));
    for (int second = 0; second < 60 && !proxy.serves(rules("a", 1)); second++) {
      proxy.beat(true);
    }
    assertTrue(proxy.serves(rules("a", 1)), "it has its trial");
    proxy.crash();
    assertFalse(proxy.isOut(rules("a", 1)), "it was alone at one end only");
  }
}
