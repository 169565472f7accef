package anycast.routing.pick;

import static anycast.routing.pick.Stage.MILLI;
import static anycast.routing.pick.Stage.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.ServicePolicy.Outlier;
import anycast.routing.model.ServicePolicy.Spill;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class NearnessTest {
  private static List<String> names(Picker picker, long now) {
    return picker.tiers(now).stream().map(Tier::name).toList();
  }

  @Test
  void tiersFollowMeasuredRoundTripsAndNotRegions() {
    Stage stage = new Stage();
    Candidate same = stage.add("same", "edge-fra", "fra");
    Candidate region = stage.add("region", "n1", "fra");
    Candidate close = stage.add("close", "n2", "ams");
    Candidate far = stage.add("far", "n3", "syd");
    stage.path("n1").onRoundTrip(20 * MILLI);
    stage.path("n2").onRoundTrip(2 * MILLI);
    stage.path("n3").onRoundTrip(290 * MILLI);
    Picker picker = stage.picker();
    assertEquals(List.of(same, close, region, far), stage.plan(picker, 4));
    assertEquals(
        List.of("same node", "under 3 ms", "under 30 ms", "270 ms and more"),
        names(picker, stage.now));
  }

  @Test
  void anUnmeasuredNodeIsReckonedLikeOthersOfItsRegionElseByItsRegion() {
    Stage stage = new Stage();
    stage.add("unknown", "n4", "gru");
    Candidate sister = stage.add("sister", "n2", "ams");
    stage.add("measured", "n1", "ams");
    stage.add("near", "n3", "fra");
    stage.path("n1").onRoundTrip(8 * MILLI);
    Picker picker = stage.picker();
    assertEquals(
        List.of("under 3 ms", "under 10 ms", "round trip unknown"), names(picker, stage.now));
    Tier second = picker.tiers(stage.now).get(1);
    assertEquals(2, second.members().size());
    for (Tier.Member member : second.members()) {
      assertEquals(member.candidate() == sister, member.estimated());
      assertEquals(8 * MILLI, member.roundTripNanos());
    }
  }

  @Test
  void aPickerInUseLooksOnceASecondWhetherANodeMoved() {
    Stage stage = new Stage();
    Candidate one = stage.add("one", "n1", "ams");
    Candidate other = stage.add("other", "n2", "lhr");
    stage.path("n1").onRoundTrip(5 * MILLI);
    stage.path("n2").onRoundTrip(50 * MILLI);
    Picker picker = stage.picker();
    assertSame(one, stage.first(picker));
    for (int i = 0; i < 100; i++) {
      stage.path("n1").onRoundTrip(200 * MILLI);
    }
    stage.now += SECOND / 2;
    assertSame(one, stage.first(picker), "not yet");
    stage.now += SECOND;
    assertSame(other, stage.first(picker));
  }

  @Property(tries = 200)
  void noiseAroundABorderMovesANodeOnceAtMost(@ForAll long seed) {
    Random random = new Random(seed);
    NodePath path = new NodePath();
    int moves = 0;
    int before = -1;
    for (int i = 0; i < 2_000; i++) {
      path.onRoundTrip((long) (10 * MILLI * (0.82 + 0.4 * random.nextDouble())));
      moves += before >= 0 && path.band() != before ? 1 : 0;
      before = path.band();
    }
    assertTrue(moves <= 1, moves + " moves");
  }

  @Test
  void oneStalledPingMovesNobodyAndALastingDetourDoes() {
    NodePath path = new NodePath();
    path.onRoundTrip(2 * MILLI);
    int near = path.band();
    path.onRoundTrip(5 * SECOND);
    assertEquals(near, path.band());
    for (int i = 0; i < 60; i++) {
      path.onRoundTrip(40 * MILLI);
    }
    assertEquals(Band.of(40 * MILLI), path.band());
  }

  @Test
  void spillAtTheHardLimitStaysNearAboveTheSoftOne() {
    Stage soft = spilling(Spill.SOFT);
    Stage hard = spilling(Spill.HARD);
    assertEquals("far", soft.first(soft.picker()).instance().id().value());
    assertEquals("near", hard.first(hard.picker()).instance().id().value());
    hard.begin(hard.candidates.getFirst(), 8);
    assertEquals("far", hard.first(hard.picker()).instance().id().value());
  }

  @Test
  void spillByLatencyGoesWhereWayAndAppTogetherAreShorter() {
    Stage stage = spilling(Spill.LATENCY);
    Candidate near = stage.candidates.getFirst();
    Candidate far = stage.candidates.getLast();
    Picker picker = stage.picker();
    stage.answer(near, 31 * MILLI);
    stage.answer(far, 80 * MILLI);
    // Near: 1 + 30 × 13/10 ms. Far: 50 + 30 ms.
    assertSame(near, stage.first(picker));
    stage.answer(near, 101 * MILLI);
    assertSame(far, stage.first(picker));
  }

  private static Stage spilling(Spill spill) {
    Stage stage = new Stage(10, 20, Stage.policy(spill, 0, 0, Outlier.USUAL));
    stage.begin(stage.add("near", "n1", "fra"), 12);
    stage.add("far", "n2", "lhr");
    stage.path("n1").onRoundTrip(MILLI);
    stage.path("n2").onRoundTrip(50 * MILLI);
    return stage;
  }
}
