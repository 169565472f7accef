package anycast.routing.pick;

import static anycast.routing.pick.Stage.MILLI;
import static anycast.routing.pick.Stage.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.ServicePolicy.Outlier;
import anycast.routing.model.ServicePolicy.Spill;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EjectionTest {
  private static Stage stage(int instances, Outlier rule) {
    Stage stage = new Stage(0, 0, Stage.policy(Spill.SOFT, 0, 0, rule));
    for (int i = 0; i < instances; i++) {
      stage.add("i" + (char) ('a' + i), "n" + (char) ('a' + i), "fra");
    }
    return stage;
  }

  private static int ejected(Stage stage, Picker picker) {
    int count = 0;
    for (Tier tier : picker.tiers(stage.now)) {
      for (Tier.Member member : tier.members()) {
        count += member.ejected() ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void fourFaultsAndASuccessEjectNobodyAndFiveInARowDo() {
    Stage stage = stage(4, Outlier.USUAL);
    Candidate one = stage.candidates.getFirst();
    Picker picker = stage.picker();
    stage.fail(one, 4);
    stage.answer(one, MILLI);
    stage.fail(one, 4);
    stage.now += 2 * SECOND;
    stage.first(picker);
    assertEquals(0, ejected(stage, picker));
    stage.fail(one, 1);
    stage.now += 2 * SECOND;
    stage.first(picker);
    assertEquals(1, ejected(stage, picker));
    assertFalse(stage.firsts(picker, 500).containsKey("ia"));
  }

  @Test
  void anEjectionTakesEffectWithinATwentiethOfASecond() {
    Stage stage = stage(4, Outlier.USUAL);
    Picker picker = stage.picker();
    stage.first(picker);
    stage.fail(stage.candidates.getFirst(), 5);
    stage.firsts(picker, 100);
    stage.now += 60 * MILLI;
    stage.first(picker);
    assertEquals(1, ejected(stage, picker));
  }

  @Test
  void itComesBackByOneProbeAtATimeAndTwiceAsLateAfterAnotherFault() {
    Stage stage = stage(4, Outlier.USUAL);
    Candidate one = stage.candidates.getFirst();
    Picker picker = stage.picker();
    stage.fail(one, 5);
    stage.now += 9 * SECOND;
    assertFalse(stage.firsts(picker, 500).containsKey("ia"), "ejected for 10 s");
    stage.now += 2 * SECOND;
    assertEquals(1, stage.firsts(picker, 500).get("ia"), "one probe");
    stage.fail(one, 1);
    stage.now += 15 * SECOND;
    assertFalse(stage.firsts(picker, 500).containsKey("ia"), "ejected for 20 s");
    stage.now += 6 * SECOND;
    assertEquals(1, stage.firsts(picker, 500).get("ia"), "one probe");
    stage.answer(one, MILLI);
    stage.now += 2 * SECOND;
    assertTrue(stage.firsts(picker, 500).get("ia") > 20, "back");
  }

  @Test
  void whoDoesNotTellHowItEndedTakesNoProbe() {
    Stage stage = stage(4, Outlier.USUAL);
    Picker picker = stage.picker();
    stage.fail(stage.candidates.getFirst(), 5);
    stage.now += 11 * SECOND;
    stage.probes = false;
    assertFalse(stage.firsts(picker, 500).containsKey("ia"), "a copy, or a plan that is only told");
    stage.probes = true;
    assertEquals(1, stage.firsts(picker, 500).get("ia"));
  }

  @Test
  void aProbeWithoutAnAnswerIsFollowedByAnother() {
    Stage stage = stage(4, Outlier.USUAL);
    Picker picker = stage.picker();
    stage.fail(stage.candidates.getFirst(), 5);
    stage.now += 11 * SECOND;
    assertEquals(1, stage.firsts(picker, 500).get("ia"));
    stage.now += 11 * SECOND;
    assertEquals(1, stage.firsts(picker, 500).get("ia"));
  }

  @Property(tries = 200)
  void noMoreThanTheCapAreEjectedAndNeverTheLast(
      @ForAll @IntRange(min = 1, max = 20) int instances,
      @ForAll @IntRange(max = 20) int failing,
      @ForAll @IntRange(max = 100) int maxPercent) {
    Stage stage = stage(instances, new Outlier(3, 10 * SECOND, maxPercent, 0));
    Picker picker = stage.picker();
    for (int i = 0; i < Math.min(instances, failing); i++) {
      stage.fail(stage.candidates.get(i), 3);
    }
    stage.now += 2 * SECOND;
    stage.first(picker);
    int most =
        maxPercent == 0 ? 0 : Math.min(instances - 1, Math.max(1, instances * maxPercent / 100));
    assertEquals(Math.min(most, Math.min(instances, failing)), ejected(stage, picker));
  }

  @Test
  void whenNearlyAllFailNobodyIsEjected() {
    Stage stage = stage(10, new Outlier(3, 10 * SECOND, 100, 30));
    Picker picker = stage.picker();
    stage.candidates.subList(0, 7).forEach(each -> stage.fail(each, 3));
    stage.now += 2 * SECOND;
    stage.first(picker);
    assertEquals(7, ejected(stage, picker), "30 % are left");
    stage.fail(stage.candidates.get(7), 3);
    stage.now += 2 * SECOND;
    stage.first(picker);
    assertEquals(0, ejected(stage, picker), "20 % are left: it is not theirs");
  }

  @Test
  void aWayThatBreaksTakesItsNodeOutForThisEdgeAlone() {
    Stage stage = stage(3, Outlier.USUAL);
    Candidate neighbour = stage.add("neighbour", "na", "fra");
    Picker picker = stage.picker();
    for (int i = 0; i < 5; i++) {
      neighbour.path().onFault(stage.now);
    }
    stage.now += 2 * SECOND;
    Map<String, Integer> firsts = stage.firsts(picker, 500);
    assertFalse(firsts.containsKey("ia") || firsts.containsKey("neighbour"), firsts.toString());
    neighbour.path().onSuccess();
    stage.now += 2 * SECOND;
    assertEquals(4, stage.firsts(picker, 500).size());
  }

  @Test
  void aSingleCandidateIsPickedWhateverItDid() {
    Stage stage = stage(1, Outlier.USUAL);
    Picker picker = stage.picker();
    stage.fail(stage.candidates.getFirst(), 50);
    stage.now += 2 * SECOND;
    assertSame(stage.candidates.getFirst(), stage.first(picker));
  }

  @Test
  void whoFailsFastDoesNotAttractRequests() {
    Stage stage = stage(2, new Outlier(0, 0, 0, 0));
    Picker picker = stage.picker();
    stage.answer(stage.candidates.get(1), 100 * MILLI);
    stage.fail(stage.candidates.get(0), 1);
    assertEquals(Map.of("ib", 100), stage.firsts(picker, 100));
  }

  @Test
  void whoRefusedIsPickedLastForAMomentThatGrows() {
    Stage stage = stage(2, Outlier.USUAL);
    Load load = stage.candidates.getFirst().load();
    Picker picker = stage.picker();
    load.observe(Load.Outcome.REFUSED, -1, stage.now);
    assertEquals(Map.of("ib", 100), stage.firsts(picker, 100));
    stage.now += 60 * MILLI;
    assertEquals(2, stage.firsts(picker, 100).size());
    for (int i = 0; i < 4; i++) {
      load.observe(Load.Outcome.REFUSED, -1, stage.now);
    }
    stage.now += 500 * MILLI;
    assertEquals(Map.of("ib", 100), stage.firsts(picker, 100), "five in a row");
    load.observe(Load.Outcome.ANSWERED, MILLI, stage.now);
    assertEquals(2, stage.firsts(picker, 100).size(), "it answers again");
  }
}
