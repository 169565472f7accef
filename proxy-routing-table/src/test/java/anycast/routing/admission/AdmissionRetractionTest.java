package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.table.Change;
import anycast.routing.virtual.Origin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Rules that are in force and at which requests fail.
class AdmissionRetractionTest {
  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.close();
  }

  /// Requests that follow a rule of what is in force fail.
  private void fails(VirtualService service, int times) {
    ContentHash hash = ContentHash.of(service);
    for (int i = 0; i < times; i++) {
      rig.admission
          .faults()
          .onThrow(
              new Origin(hash.high(), hash.low()),
              service.name() + "/rule",
              new IllegalStateException("a fault in following it"),
              rig.now().nanos());
    }
  }

  @Test
  void aNewRuleAtWhichRequestsFailIsTakenBackAndItsVersionBeforeServes() {
    rig.put(rig.read("shop", 1, ""));
    for (int i = 0; i < 7; i++) {
      rig.second();
    }
    VirtualService bad = rig.read("shop", 2, "");
    rig.put(bad);
    fails(bad, 2);
    rig.second();
    assertEquals(2, rig.version("shop"), "two may be an accident");
    fails(bad, 1);
    rig.second();
    assertEquals(1, rig.version("shop"));
    rig.assertOnlyOut("shop", Stage.RULE);
    QuarantineEntry out = rig.out().getFirst();
    assertTrue(out.reason().contains("shop/rule threw"), out::reason);
    assertTrue(out.detail().contains("IllegalStateException: a fault"), out::detail);
    assertEquals(1, rig.admission.served(bad.key(), bad).generation());
    rig.put(rig.read("shop", 2, ""));
    assertEquals(1, rig.version("shop"), "the same content stays out");
    rig.put(rig.read("shop", 3, ""));
    assertEquals(3, rig.version("shop"), "a new version is another one");
  }

  @Test
  void aNewRuleAtWhichRequestsFailIsGoneWhereNothingWasBefore() {
    VirtualService bad = rig.read("shop", 1, "");
    rig.put(bad);
    fails(bad, 3);
    rig.second();
    assertEquals(0, rig.version("shop"));
    rig.assertOnlyOut("shop", Stage.RULE);
  }

  @Test
  void aRuleThatHasProvenItselfStaysThoughRequestsFailAtIt() {
    VirtualService good = rig.read("shop", 1, "");
    rig.put(good);
    for (int i = 0; i < 7; i++) {
      rig.second();
    }
    fails(good, 50);
    rig.second();
    assertEquals(1, rig.version("shop"));
    assertEquals(List.of(), rig.out());
  }

  @Test
  void failuresThatAreFarApartAreForgotten() {
    VirtualService good = rig.read("shop", 1, "");
    rig.put(good);
    for (int i = 0; i < 3; i++) {
      fails(good, 1);
      for (int j = 0; j < 6; j++) {
        rig.pass();
      }
      rig.second();
    }
    assertEquals(1, rig.version("shop"));
  }

  @Test
  void moreEntriesThanThereIsRoomForLoseNothing() {
    List<VirtualService> bad = new ArrayList<>();
    for (int i = 0; i < 2 * RuleFaults.MOST; i++) {
      bad.add(rig.read("s" + i, 1, ""));
    }
    rig.put(bad.toArray(Entity[]::new));
    bad.forEach(service -> fails(service, 3));
    rig.second();
    assertEquals(RuleFaults.MOST, rig.out().size());
    bad.subList(RuleFaults.MOST, bad.size()).forEach(service -> fails(service, 3));
    rig.second();
    assertEquals(2 * RuleFaults.MOST, rig.out().size());
  }

  @Test
  void aRuleThatItsAuthorTookBackBeforeItWasAccusedStaysOutWhenItComesBack() {
    VirtualService good = rig.read("shop", 1, "");
    rig.put(good);
    for (int i = 0; i < 7; i++) {
      rig.second();
    }
    VirtualService bad = rig.read("shop", 2, "");
    rig.put(bad);
    fails(bad, 3);
    rig.put(rig.read("shop", 1, ""));
    rig.second();
    assertEquals(1, rig.version("shop"));
    assertEquals(List.of(), rig.out(), "it is no row's any more");
    assertTrue(rig.put(rig.read("shop", 2, "")).keptOut().get(0));
    rig.second();
    rig.assertOnlyOut("shop", Stage.RULE);
    rig.put(rig.read("shop", 3, ""));
    assertEquals(3, rig.version("shop"), "a new version is another one");
  }

  @Test
  void aRuleThatWasRemovedBeforeItWasAccusedStaysOutWhenItComesBack() {
    VirtualService bad = rig.read("shop", 2, "");
    rig.put(bad);
    fails(bad, 3);
    rig.publish(List.of(new Change.Remove(bad.key())));
    rig.second();
    assertTrue(rig.put(rig.read("shop", 2, "")).keptOut().get(0));
    assertEquals(0, rig.version("shop"));
  }
}
