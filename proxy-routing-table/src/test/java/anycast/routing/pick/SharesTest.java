package anycast.routing.pick;

import static anycast.routing.pick.Stage.MILLI;
import static anycast.routing.pick.Stage.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.NodeId;
import anycast.routing.model.ServicePolicy.Outlier;
import anycast.routing.model.ServicePolicy.Spill;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SharesTest {
  @Property(tries = 30)
  void aCanaryGetsItsShareWhateverItsLoad(
      @ForAll @IntRange(min = 1, max = 8) int old, @ForAll @IntRange(max = 30) int busy) {
    Stage stage = new Stage();
    for (int i = 0; i < old; i++) {
      stage.begin(stage.weighing("old" + i, "n" + i, 95), busy);
    }
    stage.begin(stage.weighing("canary", "n0", 5 * old), busy / 3);
    Map<String, Integer> firsts = stage.firsts(stage.picker(), 20_000);
    // The standard deviation is 0.15 %.
    double percent = firsts.getOrDefault("canary", 0) / 200.0;
    assertTrue(Math.abs(percent - 5) < 1, percent + " %");
  }

  @Property(tries = 50)
  void sharesFollowWeights(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int instances) {
    Random random = new Random(seed);
    Stage stage = new Stage();
    long sum = 0;
    for (int i = 0; i < instances; i++) {
      sum += stage.weighing("i" + i, "n" + random.nextInt(4), random.nextInt(200)).weight();
    }
    if (sum == 0) {
      return;
    }
    Map<String, Integer> firsts = stage.firsts(stage.picker(), 10_000);
    for (Candidate each : stage.candidates) {
      double share = firsts.getOrDefault(each.instance().id().value(), 0) / 10_000.0;
      assertEquals((double) each.weight() / sum, share, 0.025, each.instance().id().value());
    }
  }

  @Test
  void weightZeroIsForWhereNobodyElseIs() {
    Stage stage = new Stage();
    Candidate none = stage.weighing("none", "n1", 0);
    Candidate some = stage.add("some", "n2", "syd");
    assertEquals(List.of(some, none), stage.plan(stage.picker(), 2));
    assertEquals(
        100, stage.made("x", "n", "fra", Map.of("route.weight", "lots"), Standing.READY).weight());
  }

  @Test
  void aNewInstanceGrowsIntoItsShare() {
    Stage stage = new Stage(0, 0, Stage.policy(Spill.SOFT, 10 * SECOND, 0, Outlier.USUAL));
    for (int i = 0; i < 4; i++) {
      stage.add("old" + i, "n" + i, "fra");
    }
    Picker picker = stage.picker();
    stage.firsts(picker, 100);
    stage.now += 20 * SECOND;
    Candidate fresh = stage.made("new", "n9", "fra", Map.of(), Standing.READY);
    picker = picker.with(fresh);
    int[] shares = new int[3];
    for (int i = 0; i < 3; i++) {
      shares[i] = stage.firsts(picker, 4_000).getOrDefault("new", 0);
      stage.now += 5 * SECOND;
    }
    assertTrue(shares[0] < 40, "at first " + shares[0]);
    assertTrue(shares[1] > 200 && shares[1] < 600, "half way " + shares[1]);
    assertTrue(shares[2] > 650 && shares[2] < 950, "grown " + shares[2]);
    picker = picker.with(stage.standing(fresh, Standing.FAILING)).with(fresh);
    assertTrue(stage.firsts(picker, 4_000).getOrDefault("new", 0) < 40, "ready again: new again");
  }

  @Property(tries = 20)
  void subsetsOfARegionsEdgesUseAllInstancesEvenly(
      @ForAll @IntRange(min = 2, max = 30) int edges,
      @ForAll @IntRange(min = 30, max = 120) int instances) {
    int size = 10;
    Map<String, Integer> used = new HashMap<>();
    for (int edge = 0; edge < edges; edge++) {
      for (String id : subset(edge, edges, instances, size)) {
        used.merge(id, 1, Integer::sum);
      }
    }
    int least = used.size() < instances ? 0 : used.values().stream().min(Integer::compare).get();
    int most = used.values().stream().max(Integer::compare).get();
    assertTrue(most - least <= 2, least + " to " + most);
  }

  @Property(tries = 200)
  void oneInstanceMoreMovesEachSubsetByTwoAtMost(
      @ForAll @IntRange(max = 9) int edge, @ForAll @IntRange(min = 30, max = 120) int instances) {
    Set<String> before = subset(edge, 10, instances, 10);
    Set<String> after = subset(edge, 10, instances + 1, 10);
    after.removeAll(before);
    assertTrue(after.size() <= 2, after.toString());
  }

  private static Set<String> subset(int edge, int edges, int instances, int size) {
    Stage stage = new Stage(0, 0, Stage.policy(Spill.SOFT, 0, size, Outlier.USUAL));
    for (int i = 0; i < instances; i++) {
      stage.add("i" + i, "n" + i, "fra");
    }
    Locality self = new Locality(new NodeId("edge-" + edge), Stage.SELF.region());
    self.peers().onPeers(edge, edges);
    Tier tier = Picker.of(self, stage.service, stage.candidates).tiers(stage.now).getFirst();
    assertEquals(size, tier.members().size());
    return ids(tier.candidates());
  }

  private static Set<String> ids(Collection<Candidate> candidates) {
    return candidates.stream()
        .map(each -> each.instance().id().value())
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void aKeyStaysWithItsInstanceAndMovesOnlyWithIt() {
    Stage stage = new Stage();
    for (int i = 0; i < 20; i++) {
      stage.add("i" + i, "n" + i % 7, "fra");
    }
    Picker picker = stage.picker();
    Map<Long, String> before = keepers(stage, picker, 5_000);
    Map<String, Long> sizes =
        before.values().stream().collect(Collectors.groupingBy(id -> id, Collectors.counting()));
    // 250 each; the standard deviation is 15.
    assertTrue(sizes.values().stream().allMatch(n -> n > 180 && n < 320), sizes.toString());
    assertEquals(before, keepers(stage, picker, 5_000));
    Map<Long, String> after =
        keepers(stage, picker.without(stage.candidates.get(3).instance().key()), 5_000);
    before.forEach((key, id) -> assertEquals(!id.equals("i3"), id.equals(after.get(key)), id));
    Map<Long, String> more =
        keepers(
            stage, picker.with(stage.made("new", "n1", "fra", Map.of(), Standing.READY)), 5_000);
    before.forEach((key, id) -> assertTrue(Set.of(id, "new").contains(more.get(key))));
  }

  private static Map<Long, String> keepers(Stage stage, Picker picker, int keys) {
    Map<Long, String> keepers = new HashMap<>();
    for (long key = 1; key <= keys; key++) {
      PickResult result = picker.pick(stage.request(2, Wish.NONE, Mixing.of(key)));
      List<Candidate> plan = ((PickResult.Picked) result).candidates();
      keepers.put(key, plan.getFirst().instance().id().value());
      assertFalse(plan.get(0).node().equals(plan.get(1).node()));
    }
    return keepers;
  }

  @Test
  void aPopularKeyOverflowsAtTheBoundAndComesBack() {
    Stage stage = new Stage();
    for (int i = 0; i < 10; i++) {
      stage.begin(stage.add("i" + i, "n" + i, "fra"), 10);
    }
    Picker picker = stage.picker();
    Candidate keeper = keeper(stage, picker);
    stage.begin(keeper, 2);
    assertEquals(keeper, keeper(stage, picker), "12 of at most 13 in flight");
    stage.begin(keeper, 4);
    Candidate next = keeper(stage, picker);
    assertFalse(next.equals(keeper), "above 1.25 times the average");
    assertEquals(next, keeper(stage, picker), "and always to the same one");
    for (int i = 0; i < 6; i++) {
      keeper.load().end();
    }
    assertEquals(keeper, keeper(stage, picker));
  }

  private static Candidate keeper(Stage stage, Picker picker) {
    PickResult result = picker.pick(stage.request(1, Wish.NONE, 77));
    return ((PickResult.Picked) result).candidates().getFirst();
  }

  @Test
  void aReportOfAbsurdNumbersCountsAsVeryBusy() {
    for (int absurd : new int[] {0x0fff_ffff, 0x1000_0000, Integer.MAX_VALUE}) {
      Stage stage = new Stage();
      Candidate busy = stage.add("busy", "n1", "fra");
      busy.load().onReport(absurd, absurd, 20 * MILLI, stage.now);
      int known = busy.load().inFlight(stage.now);
      assertTrue(known >= 4_000, absurd + " counts as " + known);
    }
  }

  @Test
  void whoWasSlowIsTriedAgainWhenItsWorkerKnowsOfItNoMore() {
    Stage stage = new Stage();
    Candidate slow = stage.add("slow", "n1", "fra");
    Candidate fast = stage.add("fast", "n2", "fra");
    slow.load().onReport(0, 0, 400 * MILLI, stage.now);
    fast.load().onReport(0, 0, 2 * MILLI, stage.now);
    assertEquals(Map.of("fast", 100), stage.firsts(stage.picker(), 100));

    slow.load().onReport(0, 0, -1, stage.now);

    assertTrue(stage.firsts(stage.picker(), 100).getOrDefault("slow", 0) > 20);
  }

  @Test
  void whatWorkersReportBeyondOurOwnCounts() {
    Stage stage = new Stage(10, 0, anycast.routing.model.ServicePolicy.USUAL);
    Candidate busy = stage.add("busy", "n1", "fra");
    stage.add("idle", "n2", "fra");
    stage.begin(busy, 3);
    busy.load().onReport(10, 2, 20 * MILLI, stage.now);
    assertEquals(12, busy.load().inFlight(stage.now));
    assertEquals(Map.of("idle", 100), stage.firsts(stage.picker(), 100));
    assertEquals(3, busy.load().inFlight(stage.now + 20 * SECOND), "nobody reports any more");
  }
}
