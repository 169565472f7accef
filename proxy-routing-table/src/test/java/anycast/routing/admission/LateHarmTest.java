package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Moment;
import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.virtual.Origin;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What proved itself as long as nobody asked for it, and does harm then.
final class LateHarmTest {
  private final MemoryDisk disk = new MemoryDisk();

  private static void soak(Rig rig) {
    for (int i = 0; i < 7; i++) {
      rig.second();
    }
  }

  /// Both versions proved themselves here, one after the other.
  private static VirtualService proven(Rig rig, String fault) {
    rig.put(rig.read("shop", 1, ""));
    soak(rig);
    VirtualService second = rig.read("shop", 2, fault);
    rig.put(second);
    soak(rig);
    return second;
  }

  private static LastEnd stuckIn(Entity entity) {
    return new LastEnd(
        LastEnd.Kind.ABNORMAL,
        List.of(
            new LastEnd.Blamed(
                ContentHash.of(entity),
                "shop.test",
                Stage.RULE,
                "loop-1",
                "at x",
                LastEnd.Evidence.STUCK)));
  }

  private static void fails(Rig rig, VirtualService service, int times) {
    for (int i = 0; i < times; i++) {
      rig.admission
          .faults()
          .onThrow(origin(service), "shop/rule", new IllegalStateException(), rig.now().nanos());
    }
  }

  private static Origin origin(VirtualService service) {
    ContentHash hash = ContentHash.of(service);
    return new Origin(hash.high(), hash.low());
  }

  private static void startsWith(Rig rig, Entity... saved) {
    List<Change> changes = Arrays.stream(saved).<Change>map(Change.Put::new).toList();
    rig.admission.preload(() -> rig.admission.publish(new Delta(changes)));
  }

  @Test
  void itsStableVersionBeforeServesAfterALoopWasStuckInIt() {
    VirtualService second;
    try (Rig rig = new Rig(disk, LastEnd.NONE)) {
      second = proven(rig, "lock at request");
    }
    for (int i = 0; i < 3; i++) {
      try (Rig between = new Rig(disk, LastEnd.NONE)) {
        startsWith(between, second);
        assertEquals(2, between.version("shop"), "each start writes the journal anew");
      }
    }
    try (Rig after = new Rig(disk, stuckIn(second))) {
      startsWith(after, second);
      assertEquals(1, after.version("shop"));
      after.put(after.read("shop", 2, "lock at request"));
      assertEquals(1, after.version("shop"), "the row says what last-good said");
      after.assertOnlyOut("shop", Stage.RULE);
    }
  }

  @Test
  void itsStableVersionBeforeServesWhereTheCompilerOfANewProgramHangsInIt() {
    VirtualService second =
        new VirtualService("shop", Rig.document("shop", 2, "hang at compile"), 2, null);
    try (Rig rig = new Rig()) {
      second = new VirtualService("shop", second.document(), 2, rules(rig, second));
    }
    // A program before compiled it.
    Ledger ledger = ledger();
    prove(ledger, new VirtualService("shop", Rig.document("shop", 1, ""), 1, second.rules()), null);
    prove(ledger, second, new VirtualService("shop", Rig.document("shop", 1, ""), 1, null));
    ledger.close();
    try (Rig after = new Rig(disk, LastEnd.NONE)) {
      startsWith(after, second);
      assertEquals(1, after.version("shop"));
      after.assertOnlyOut("shop", Stage.COMPILE);
    }
  }

  private static RuleSet rules(Rig rig, VirtualService of) {
    return rig.admission.documents().rules(of.name(), of.document());
  }

  private Ledger ledger() {
    return Ledger.open(disk, LastEnd.NONE, Rig.LIMITS, Rig.SELF, new Moment(0, 0));
  }

  private static void prove(Ledger ledger, Entity entity, Entity before) {
    ledger.intent(List.of(new Change.Put(entity)), Arrays.asList(before), new Moment(0, 0));
    for (int i = 1; i <= 10; i++) {
      ledger.onBeat(true, new Moment(i * 1_000_000_000L, i * 1_000L));
    }
  }

  @Test
  void itGoesWhenAllRequestsFailAtItAndTheStableVersionBeforeServes() {
    try (Rig rig = new Rig()) {
      VirtualService second = proven(rig, "");
      fails(rig, second, 3);
      rig.second();
      assertEquals(1, rig.version("shop"));
      rig.assertOnlyOut("shop", Stage.RULE);
    }
  }

  @Test
  void itStaysWhenARequestWasServedBetweenThoseThatFailed() {
    try (Rig rig = new Rig()) {
      VirtualService second = proven(rig, "");
      fails(rig, second, 2);
      rig.admission.faults().onServed(origin(second));
      fails(rig, second, 10);
      rig.second();
      assertEquals(2, rig.version("shop"), "who sends such requests takes nobody's rules away");
      assertEquals(List.of(), rig.out());
    }
  }

  @Test
  void oneRequestWithoutMemoryTakesNothingBackThatIsNotNew() {
    try (Rig rig = new Rig()) {
      VirtualService second = proven(rig, "");
      OutOfMemoryError victim = new OutOfMemoryError();
      rig.admission.faults().onThrow(origin(second), "shop/rule", victim, rig.now().nanos());
      rig.second();
      assertEquals(2, rig.version("shop"));
    }
  }

  @Test
  void oneVersionBeforeIsKeptForEachKeyAndTheOldestGiveWay() {
    Proven proven = new Proven();
    proven.add(hash(1), pending("shop", 1, "v0"));
    proven.add(hash(2), pending("shop", 2, "v1"));
    assertNull(proven.of(hash(1)));
    assertTrue(proven.has(hash(1)));
    assertEquals("v1", ((VirtualService) proven.of(hash(2)).previous()).document());
    String large = "x".repeat(1 << 20);
    for (int i = 3; i < 20; i++) {
      proven.add(hash(i), pending("shop-" + i, i, large));
    }
    assertNull(proven.of(hash(2)), "the room is for sixteen of them");
    assertNull(proven.of(hash(3)));
    assertNotNull(proven.of(hash(19)));
    proven.remove(hash(19));
    assertFalse(proven.has(hash(19)));
    Book again = new Book();
    proven.records().forEach(again::apply);
    assertEquals(0, again.pendingCount());
    assertTrue(again.isProven(hash(1)));
    assertEquals(large, ((VirtualService) again.previous(hash(18)).orElseThrow()).document());
  }

  private static ContentHash hash(int number) {
    return new ContentHash(number, number);
  }

  private static JournalRecord.Pending pending(String name, int number, String before) {
    VirtualService previous =
        new VirtualService(name, before, 1, new RuleSet(List.of(), List.of()));
    return new JournalRecord.Pending(
        hash(number), previous.key(), List.of(), previous, 0, true, Suspicion.NONE);
  }
}
