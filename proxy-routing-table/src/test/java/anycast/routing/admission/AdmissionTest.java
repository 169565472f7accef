package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Decoded;
import anycast.routing.feed.Publication;
import anycast.routing.feed.Table;
import anycast.routing.feed.lastgood.LastGood;
import anycast.routing.feed.lastgood.LastGoodStore;
import anycast.routing.feed.lastgood.SaveResult;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.close();
  }

  private static InstanceHealth health(String id) {
    return new InstanceHealth(
        new NodeId("w"), new InstanceId(id), InstanceHealth.Status.PASSING, "", 1);
  }

  @Test
  void whatIsGoodIsInForceAtOnce() {
    Publication.Published published = rig.put(rig.read("shop", 1, ""), Rig.apps(0, 1).getFirst());
    assertEquals(new BitSet(), published.keptOut());
    assertEquals(rig.table.current().version(), published.version());
    assertEquals(1, rig.version("shop"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw at read", "hang at read", "lock at read",
        "throw at compile", "hang at compile", "lock at compile",
        "throw at rehearse", "hang at rehearse", "lock at rehearse"
      })
  void whatHarmsInABatchIsOutAloneAndItsVersionBeforeServes(String fault) {
    rig.put(rig.read("shop", 1, ""));
    List<Entity> batch = new ArrayList<>(Rig.apps(0, 499));
    batch.add(250, rig.read("shop", 2, fault));
    batch.add(health("i"));
    Publication.Published published = rig.put(batch.toArray(Entity[]::new));
    assertEquals(BitSet.valueOf(new long[] {0, 0, 0, 1L << 250 - 192}), published.keptOut());
    assertEquals(499, rig.table.current().counts().apps());
    assertEquals(1, rig.table.current().counts().instanceHealth());
    assertEquals(1, rig.version("shop"));
    String stage = fault.substring(fault.indexOf(" at ") + 4);
    rig.assertOnlyOut(
        "shop",
        switch (stage) {
          case "read" -> Stage.VALIDATE;
          case "compile" -> Stage.COMPILE;
          default -> Stage.REHEARSE;
        });
    QuarantineEntry out = rig.out().getFirst();
    assertTrue(out.detail().contains("anycast.routing.poison.Strike"), out::detail);
    assertTrue(out.previousServes());
    long lost = rig.admission.desk().tally().abandonedThreads();
    assertTrue(lost <= 2, () -> lost + " threads");
    rig.put(rig.read("shop", 3, ""));
    assertEquals(3, rig.version("shop"), "a new version is another one");
  }

  @Test
  void severalThatHarmAreAllOutAndEveryOtherIsIn() {
    List<Entity> batch = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      batch.add(rig.read("s" + i, 1, i % 3 == 0 ? "throw at compile" : ""));
    }
    rig.put(batch.toArray(Entity[]::new));
    for (int i = 0; i < 60; i++) {
      assertEquals(i % 3 == 0 ? 0 : 1, rig.version("s" + i), "s" + i);
    }
    assertEquals(20, rig.out().size());
  }

  @Test
  void whatHarmedIsNotTriedAgainUntilItIsReleased() {
    rig.put(rig.read("shop", 1, "throw at compile"));
    assertEquals(1, rig.admission.desk().tally().rejected().get(Stage.COMPILE));
    rig.put(rig.read("shop", 1, "throw at compile"));
    assertEquals(1, rig.admission.desk().tally().rejected().get(Stage.COMPILE));
    assertTrue(rig.admission.desk().release(rig.out().getFirst().hash()));
    rig.second();
    assertEquals(2, rig.admission.desk().tally().rejected().get(Stage.COMPILE));
    rig.assertOnlyOut("shop", Stage.COMPILE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"throw at read", "throw at compile"})
  void whoTakesAHarmfulVersionBackEndsTheQuarantineOfTheRowAndNotOfTheContent(String fault) {
    rig.put(rig.read("shop", 1, ""));
    rig.put(rig.read("shop", 2, fault));
    assertEquals(1, rig.out().size());
    String first = Rig.document("shop", 1, "");
    rig.put(new VirtualService("shop", first, 3, rig.admission.documents().rules("shop", first)));
    rig.second();
    assertEquals(List.of(), rig.out());
    assertEquals(3, rig.version("shop"));
    VirtualService again = rig.read("shop", 2, fault);
    assertTrue(rig.put(again).keptOut().get(0), "its content stays out");
    rig.second();
    assertEquals(1, rig.out().size());
    assertEquals(3, rig.version("shop"));
  }

  @Test
  void aDocumentThatHarmedIsReadAgainWhenItIsReleased() {
    rig.put(rig.read("shop", 1, ""));
    VirtualService unread = rig.read("shop", 2, "throw at read");
    assertEquals(RuleSet.NONE, unread.rules());
    rig.put(unread);
    assertEquals(1, rig.version("shop"));
    assertSame(RuleSet.NONE, rig.read("shop", 2, "throw at read").rules(), "and is not read");
    assertEquals(1, rig.admission.desk().tally().rejected().get(Stage.VALIDATE));
    assertEquals(
        Rig.document("shop", 2, "throw at read"),
        rig.admission.desk().document(rig.out().getFirst().hash()).orElseThrow());
    assertTrue(rig.admission.desk().release(rig.out().getFirst().hash()));
    assertEquals(Set.of(Table.VIRTUAL_SERVICES), rig.second().reread());
    assertEquals(1, rig.version("shop"), "what was not read is never put in force");
    rig.put(rig.read("shop", 2, "throw at read"));
    assertEquals(2, rig.admission.desk().tally().rejected().get(Stage.VALIDATE));
  }

  @Test
  void aRemovalIsNeverKeptOut() {
    rig.put(rig.read("shop", 1, ""));
    rig.put(rig.read("shop", 2, "throw at compile"));
    Entity.Key key = new Entity.VirtualServiceKey("shop");
    assertFalse(rig.publish(List.of(new Change.Remove(key))).keptOut().get(0));
    assertEquals(0, rig.version("shop"));
    assertNull(rig.admission.served(key, null));
  }

  @Test
  void saysWhatReadersSeeWhereThatIsNotWhatTheFeedSays() {
    VirtualService good = rig.read("shop", 1, "");
    VirtualService bad = rig.read("shop", 2, "throw at compile");
    rig.put(good);
    rig.put(bad);
    assertSame(good, rig.admission.served(bad.key(), bad));
    VirtualService better = rig.read("shop", 3, "");
    rig.put(better);
    assertSame(better, rig.admission.served(better.key(), better));
  }

  @Test
  void theLaterOfTwoVersionsInABatchIsOutAndTheEarlierServes() {
    rig.put(rig.read("shop", 1, ""));
    VirtualService good = rig.read("shop", 2, "");
    VirtualService bad = rig.read("shop", 3, "throw at compile");
    rig.put(good, bad);
    assertSame(good, rig.admission.served(bad.key(), bad));
    rig.put(rig.read("shop", 4, "throw at compile"), rig.read("shop", 5, ""));
    assertEquals(5, rig.version("shop"));
  }

  @Test
  void goesOnWithWhatHasAFixedShapeWhenNoCompilerMayBeRisked() {
    for (int i = 0; i < Abandoned.MOST_WEIGHT; i++) {
      rig.put(rig.read("s" + i, 1, "hang at compile"));
    }
    VirtualService good = rig.read("shop", 1, "");
    assertEquals(RuleSet.NONE, good.rules(), "nobody reads it");
    rig.put(good, health("i"), new Hostname("shop.test", new AppId("shop"), 1));
    assertEquals(0, rig.version("shop"));
    assertEquals(1, rig.table.current().counts().instanceHealth());
    assertEquals(0, rig.table.current().counts().hostnames());
    assertEquals(Abandoned.MOST_WEIGHT, rig.out().size(), "the good ones are not blamed");
  }

  @Test
  void whatNoCompilerMayBeRiskedForIsListedAndComesByItselfWhenOneEnds() {
    VirtualService known = rig.read("known", 1, "");
    for (int i = 0; i < Abandoned.MOST_WEIGHT; i++) {
      rig.put(rig.read("slow-" + i, 1, ""));
    }
    rig.put(known);
    rig.put(rig.read("shop", 1, ""));
    rig.second();
    assertEquals(Abandoned.MOST_WEIGHT, rig.out().size());
    assertEquals(
        Set.of("known COMPILER", "shop COMPILER"),
        rig.admission.desk().held().stream()
            .map(held -> held.key() + " " + held.why())
            .collect(Collectors.toSet()));
    assertEquals(2, rig.admission.desk().tally().held());
    assertEquals(0, rig.version("known"));
    rig.slow.countDown();
    Set<Table> reread = EnumSet.noneOf(Table.class);
    for (long end = deadline(); rig.version("known") == 0 && System.nanoTime() < end; ) {
      reread.addAll(rig.second().reread());
    }
    assertEquals(1, rig.version("known"));
    assertEquals(Set.of(Table.VIRTUAL_SERVICES), reread, "the other one is to be read");
    rig.put(rig.read("shop", 1, ""));
    assertEquals(1, rig.version("shop"));
    assertEquals(List.of(), rig.admission.desk().held());
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
  }

  @Test
  void plainChangesAreNotHandedToTheCompiler() {
    rig.put(rig.read("shop", 1, ""), instance("i", Map.of("tier", "gold"), 1));
    int works = rig.works.get();
    rig.put(health("i"), instance("j", Map.of(), 1), instance("i", Map.of("tier", "gold"), 2));
    rig.publish(List.of(new Change.Remove(health("i").key())));
    assertEquals(0, rig.table.current().counts().instanceHealth());
    assertEquals(2, rig.table.current().counts().instances());
    assertEquals(works, rig.works.get());
    rig.put(instance("i", Map.of("tier", "iron"), 3));
    assertTrue(works < rig.works.get(), "other labels may make another rule match");
    rig.put(instance("k", Map.of("route.host", "k.test"), 1));
    works = rig.works.get();
    rig.put(instance("k", Map.of("route.host", "k.test"), 2));
    assertTrue(works < rig.works.get(), "rules are made anew");
    works = rig.works.get();
    rig.publish(List.of(new Change.Remove(instance("k", Map.of(), 1).key())));
    assertTrue(works < rig.works.get(), "rules are made anew");
  }

  @Test
  void whatANodeOfStateRejectsIsHeldAndWhatAnInventedOneRejectsIsNot() {
    try (Rig late = Rig.inSecondWave()) {
      late.second();
      late.put(new Node(new NodeId("w"), new RegionCode("fra"), Node.Role.WORKER, "w:1", 1));
      VirtualService shop = late.read("shop", 1, "");
      VirtualService mail = late.read("mail", 1, "");
      late.put(shop, mail);
      late.admission.onReject(reject("w", shop), true);
      late.admission.onReject(reject("nobody", mail), true);
      late.admission.onReject(reject(Rig.SELF.value(), mail), true);
      for (int i = 0; i <= 60; i++) {
        late.second();
      }
      assertEquals(1, late.version("mail"));
      assertEquals(0, late.version("shop"));
      assertEquals("w keeps it out", late.admission.desk().held().getFirst().detail());
      late.admission.onReject(reject("w", shop), false);
      late.second();
      assertEquals(1, late.version("shop"));
    }
  }

  private static Decoded.Reject reject(String node, Entity entity) {
    return new Decoded.Reject(new NodeId(node), ContentHash.of(entity).toString(), 1);
  }

  private static Instance instance(String id, Map<String, String> labels, long generation) {
    return new Instance(
        new InstanceId(id),
        new AppId("app"),
        new NodeId("w"),
        new RegionCode("fra"),
        "10.0.0.1",
        80,
        Instance.State.STARTED,
        labels,
        generation);
  }

  @Test
  void whatIsPoisonedInLastGoodStopsNoStart() {
    MemoryDisk saved = new MemoryDisk();
    List<Entity> all = new ArrayList<>(Rig.apps(0, 20));
    all.add(poisoned("slow", "hang at read"));
    all.add(poisoned("bad", "throw at compile"));
    all.add(rig.read("shop", 1, ""));
    assertTrue(new LastGoodStore(saved).save(all::forEach, 1, 1) instanceof SaveResult.Saved);
    LastGood.Loaded loaded =
        (LastGood.Loaded) new LastGoodStore(saved, rig.admission.documents()).load();
    rig.admission.preload(() ->
        rig.admission.publish(
            new Delta(loaded.entities().stream().<Change>map(Change.Put::new).toList())));
    assertEquals(20, rig.table.current().counts().apps());
    assertEquals(1, rig.version("shop"));
    assertEquals(0, rig.version("slow"));
    assertEquals(0, rig.version("bad"));
    assertEquals(2, rig.out().size());
  }

  private static VirtualService poisoned(String name, String fault) {
    return new VirtualService(name, Rig.document(name, 1, fault), 1);
  }

  @Test
  void whoeverStoppedTheProcessBeforeStaysOutAndItsVersionBeforeServes() {
    MemoryDisk disk = new MemoryDisk();
    // It is never closed: that would be an orderly end.
    Rig before = new Rig(disk, LastEnd.NONE);
    before.second();
    before.put(before.read("shop", 1, ""));
    for (int i = 0; i < 10; i++) {
      before.second();
    }
    VirtualService bad = before.read("shop", 2, "throw at request");
    before.put(bad);
    assertEquals(2, before.version("shop"));
    LastEnd last =
        new LastEnd(
            LastEnd.Kind.ABNORMAL,
            List.of(
                new LastEnd.Blamed(
                    ContentHash.of(bad),
                    "shop.test",
                    Stage.RULE,
                    "loop-1",
                    "at x",
                    LastEnd.Evidence.STUCK)));
    try (Rig after = new Rig(disk, last)) {
      Publication.Published published =
          after.put(after.read("shop", 2, "throw at request"), Rig.apps(0, 1).getFirst());
      assertEquals(BitSet.valueOf(new long[] {1}), published.keptOut());
      assertEquals(1, after.version("shop"));
      after.assertOnlyOut("shop", Stage.RULE);
    }
  }

  @Test
  void whatEndedTwoProcessesAsABulkComesPartByPart() {
    MemoryDisk disk = new MemoryDisk();
    LastEnd ended = new LastEnd(LastEnd.Kind.ABNORMAL, List.of());
    Entity[] many =
        IntStream.range(0, Ledger.MAX_PENDING + 6_000)
            .mapToObj(i -> new Hostname("h" + i + ".test", new AppId("app"), 1))
            .toArray(Entity[]::new);
    // They are never closed: that would be orderly ends.
    assertTrue(new Rig(disk, LastEnd.NONE).put(many).keptOut().isEmpty());
    assertTrue(new Rig(disk, ended).put(many).keptOut().isEmpty());
    try (Rig third = new Rig(disk, ended)) {
      int out = third.put(many).keptOut().cardinality();
      assertTrue(out > many.length / 3 && out < many.length, () -> out + " are out");
      assertEquals(many.length - out, third.table.current().counts().hostnames());
      assertEquals(out, third.admission.desk().tally().held());
      assertEquals(Ledger.SHOWN, third.admission.desk().held().size());
      assertEquals(Verdict.Why.PART, third.admission.desk().held().getFirst().why());
      long end = deadline();
      while (third.table.current().counts().hostnames() < many.length && System.nanoTime() < end) {
        third.second();
      }
      assertEquals(many.length, third.table.current().counts().hostnames());
      assertEquals(0, third.admission.desk().tally().held());
    }
  }
}
