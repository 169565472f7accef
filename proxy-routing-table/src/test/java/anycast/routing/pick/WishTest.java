package anycast.routing.pick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import anycast.routing.model.InstanceId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.ServicePolicy;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WishTest {
  private final Stage stage = new Stage(0, 10, ServicePolicy.USUAL);
  private final Candidate fra = stage.add("fra", "n1", "fra");
  private final Candidate ams = stage.add("ams", "n2", "ams");
  private final Candidate lhr = stage.add("lhr", "n3", "lhr");
  private final Candidate syd = stage.add("syd", "n4", "syd");

  private static Wish regions(boolean forced, String... codes) {
    return new Wish(Stream.of(codes).map(RegionCode::new).toList(), forced, null, false);
  }

  private static Wish instance(boolean forced, String id) {
    return new Wish(List.of(), false, new InstanceId(id), forced);
  }

  private List<Candidate> plan(Picker picker, int attempts, Wish wish) {
    PickResult result = picker.pick(stage.request(attempts, wish, 0));
    return assertInstanceOf(PickResult.Picked.class, result).candidates();
  }

  private PickResult.None none(Picker picker, Wish wish) {
    return assertInstanceOf(PickResult.None.class, picker.pick(stage.request(3, wish, 0)));
  }

  @Test
  void preferredRegionsComeInOrderThenTheNearest() {
    assertEquals(
        List.of(syd, lhr, fra, ams).subList(0, 3),
        plan(stage.picker(), 4, regions(false, "syd", "nowhere", "lhr")).subList(0, 3));
    stage.begin(syd, 10);
    assertEquals(lhr, plan(stage.picker(), 1, regions(false, "syd", "lhr")).getFirst());
  }

  @Test
  void forcedRegionsAreTheOnlyOnes() {
    assertEquals(List.of(lhr, ams), plan(stage.picker(), 4, regions(true, "lhr", "ams")));
    assertEquals(
        new PickResult.None(PickResult.Why.WISH, "4 instances, some ready, none in gru, nrt"),
        none(stage.picker(), regions(true, "gru", "nrt")));
  }

  @Test
  void aPreferredInstanceIsFirstUnlessItIsFullOrAway() {
    assertEquals(syd, plan(stage.picker(), 2, instance(false, "syd")).getFirst());
    stage.begin(syd, 10);
    assertEquals(fra, plan(stage.picker(), 2, instance(false, "syd")).getFirst());
    assertEquals(fra, plan(stage.picker(), 2, instance(false, "gone")).getFirst());
  }

  @Test
  void aForcedInstanceIsTriedSeveralTimesAndNobodyElse() {
    assertEquals(List.of(syd, syd, syd), plan(stage.picker(), 8, instance(true, "syd")));
    assertEquals(
        new PickResult.None(PickResult.Why.WISH, "instance gone is not known"),
        none(stage.picker(), instance(true, "gone")));
  }

  @Test
  void aForcedInstanceIsTriedAlsoWhileItIsNotReady() {
    Candidate cordoned = stage.standing(syd, Standing.CORDONED);
    Picker picker = stage.picker().with(cordoned);
    assertEquals(List.of(cordoned), plan(picker, 1, instance(true, "syd")));
    assertNotSame(cordoned, plan(picker, 1, instance(false, "syd")).getFirst());
  }

  @Test
  void saysHowManyRunWithoutBeingReady() {
    Picker picker =
        stage
            .picker()
            .with(stage.standing(fra, Standing.CORDONED))
            .with(stage.standing(ams, Standing.FAILING))
            .with(stage.standing(lhr, Standing.FAILING))
            .with(stage.standing(syd, Standing.LAGGING));
    assertEquals(
        new PickResult.None(
            PickResult.Why.NOT_READY,
            "4 instances, 4 running, none ready: 1 cordoned, 2 failing, 1 lagging"),
        none(picker, Wish.NONE));
  }
}
