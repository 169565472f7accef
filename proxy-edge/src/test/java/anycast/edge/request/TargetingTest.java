package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.rule.Action;
import anycast.routing.virtual.CompiledRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TargetingTest {
  private static final int PLANS = 10_000;

  @Test
  void aTargetOfFivePercentGetsFivePercent() {
    Groups groups = new Groups().group("stable").group("canary");
    Map<String, Integer> counts = counts(groups, Groups.rule(0, 95, 5));
    assertEquals(0.05, counts.get("canary") / (double) PLANS, 0.01);
  }

  @Property(tries = 20)
  void sharesFollowWeights(
      @ForAll @IntRange(max = 1000) int a,
      @ForAll @IntRange(max = 1000) int b,
      @ForAll @IntRange(min = 1, max = 1000) int c) {
    Groups groups = new Groups().group("a").group("b").group("c");
    Map<String, Integer> counts = counts(groups, Groups.rule(0, a, b, c));
    double total = a + b + c;
    assertEquals(a / total, counts.getOrDefault("a", 0) / (double) PLANS, 0.025);
    assertEquals(b / total, counts.getOrDefault("b", 0) / (double) PLANS, 0.025);
    assertEquals(c / total, counts.getOrDefault("c", 0) / (double) PLANS, 0.025);
  }

  @Test
  void aTargetWithoutCandidatesLeavesItsShareToTheOthers() {
    Groups groups = new Groups().group().group("b").group("c");
    Map<String, Integer> counts = counts(groups, Groups.rule(0, 60, 30, 10));
    assertEquals(0.75, counts.get("b") / (double) PLANS, 0.02);
    assertEquals(0.25, counts.get("c") / (double) PLANS, 0.02);
  }

  @Test
  void aTargetOfNoWeightIsNeverDrawn() {
    Groups groups = new Groups().group().group("never");
    assertEquals(FaultKind.NO_TARGET, nobody(groups, Groups.rule(0, 100, 0)).fault().kind());
  }

  @Test
  void fallbacksAreAskedInOrder() {
    Groups groups = new Groups().group().group().group("second").group("third");
    assertEquals(PLANS, counts(groups, Groups.rule(3, 100)).get("second"));
  }

  @Test
  void saysWhyOfEachTargetThereIsNobody() {
    Groups groups = new Groups().group().group();
    String detail = nobody(groups, Groups.rule(1, 100)).fault().detail();
    assertEquals("shop/all: no instance known; no instance known", detail);
  }

  @Test
  void theSameMomentGivesTheSameTarget() {
    Groups groups = new Groups().group("a").group("b");
    for (long random = 0; random < 100; random++) {
      assertEquals(
          chosen(groups, Groups.rule(0, 1, 1), random),
          chosen(groups, Groups.rule(0, 1, 1), random));
    }
  }

  @Test
  void requestsThatBelongTogetherMeetTheSameTarget() {
    ServicePolicy usual = ServicePolicy.USUAL;
    ServicePolicy.Affinity user =
        new ServicePolicy.Affinity(ServicePolicy.Affinity.Kind.HEADER, "x-user");
    ServicePolicy sticky =
        new ServicePolicy(
            usual.concurrency(),
            usual.spill(),
            new ServicePolicy.Balance(0, 0, user, usual.balance().outlier()),
            usual.queue(),
            usual.retry(),
            usual.hedge(),
            usual.timeouts(),
            List.of());
    Groups groups = new Groups(sticky).group("stable").group("canary");
    CompiledRule rule = Groups.rule(0, 90, 10);
    int canaries = 0;
    for (int i = 0; i < 2_000; i++) {
      RequestHead head = Scene.head("GET", "a.test", "/", "x-user", "user-" + i);
      String first = id(found(groups, rule, head, i));
      assertEquals(first, id(found(groups, rule, head, i + 1_000_000L)));
      canaries += first.equals("canary") ? 1 : 0;
    }
    assertEquals(0.10, canaries / 2_000.0, 0.03);
  }

  @Test
  void aManyTimesFailedDrawStillEnds() {
    Groups groups = new Groups();
    int[] weights = new int[200];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 1_000_000;
      groups.group();
    }
    assertTrue(nobody(groups, Groups.rule(0, weights)).fault().detail().length() < 400);
  }

  @Test
  void othersStandBehindTheTargetThatWasDrawn() {
    Groups groups = new Groups().group("stable").group("canary").group("last");
    assertEquals(List.of("canary", "stable", "last"), plan(groups, Groups.rule(1, 1, 1_000_000)));
  }

  @Test
  void aTargetOfNoWeightIsNoSpare() {
    Groups groups = new Groups().group("primary").group("never");
    assertEquals(List.of("primary"), plan(groups, Groups.rule(0, 100, 0)));
  }

  @Test
  void nobodyStandsTwiceInAPlan() {
    Groups groups = new Groups().group("a").group("a", "b");
    assertEquals(List.of("a", "b"), plan(groups, Groups.rule(1, 100)));
  }

  @Test
  void sparesAreFew() {
    Groups groups = new Groups().group("a");
    for (int i = 0; i < 20; i++) {
      groups.group("fallback-" + i);
    }
    assertEquals(
        List.of("a", "fallback-0", "fallback-1", "fallback-2"), plan(groups, Groups.rule(20, 100)));
  }

  private static List<String> plan(Groups groups, CompiledRule rule) {
    Targeting.Found.Chosen chosen =
        assertInstanceOf(Targeting.Found.Chosen.class, found(groups, rule, 1));
    return chosen.candidates().stream().map(each -> each.instance().id().value()).toList();
  }

  private static Map<String, Integer> counts(Groups groups, CompiledRule rule) {
    SplittableRandom random = new SplittableRandom(4);
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < PLANS; i++) {
      counts.merge(chosen(groups, rule, random.nextLong()), 1, Integer::sum);
    }
    return counts;
  }

  private static String chosen(Groups groups, CompiledRule rule, long random) {
    return id(found(groups, rule, random));
  }

  private static String id(Targeting.Found found) {
    Targeting.Found.Chosen chosen = assertInstanceOf(Targeting.Found.Chosen.class, found);
    return chosen.candidates().getFirst().instance().id().value();
  }

  private static Targeting.Found.Nobody nobody(Groups groups, CompiledRule rule) {
    return assertInstanceOf(Targeting.Found.Nobody.class, found(groups, rule, 1));
  }

  private static Targeting.Found found(Groups groups, CompiledRule rule, long random) {
    return found(groups, rule, Scene.head("GET", "a.test", "/"), random);
  }

  private static Targeting.Found found(
      Groups groups, CompiledRule rule, RequestHead head, long random) {
    return new Targeting(Groups.asked(head), new Moment(Groups.NO_WORLD, 0, random), groups::at)
        .of(rule, (Action.Forward) rule.rule().action());
  }
}
