package anycast.routing.pick;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class PatchedViewTest {
  /// Pickers in use are patched version by version; what they say must be what a picker made of the
  /// same candidates says.
  @Property(tries = 300)
  void aPatchedPickerStandsItsTiersAsOneMadeAnew(@ForAll long seed) {
    Random random = new Random(seed);
    Stage stage = new Stage(0, 0, Stage.outlier(1, 50, 30));
    String[] regions = {"fra", "ams", "syd", "gru", "lhr"};
    for (int node = 0; node < 3; node++) {
      stage.path("n" + node).onRoundTrip((1 + random.nextInt(60)) * Stage.MILLI);
    }
    Picker patched = stage.picker();
    for (int step = 0; step < 40; step++) {
      int node = random.nextInt(5);
      Map<String, String> labels =
          random.nextInt(3) == 0 ? Map.of("route.weight", "" + random.nextInt(3) * 50) : Map.of();
      Candidate candidate =
          stage.made(
              "i" + random.nextInt(4),
              "n" + node,
              regions[node],
              labels,
              Standing.values()[random.nextInt(5) % 4]);
      if (random.nextInt(4) == 0) {
        patched = patched.without(candidate.instance().key());
      } else {
        patched = patched.with(candidate);
        if (random.nextInt(4) == 0) {
          stage.fail(candidate, 1);
        }
      }
      patched.tiers(stage.now);
      stage.now += 2 * Stage.SECOND;
      Picker anew = Picker.of(Stage.SELF, stage.service, patched.candidates());
      assertEquals(told(anew.tiers(stage.now)), told(patched.tiers(stage.now)));
    }
  }

  private static List<String> told(List<Tier> tiers) {
    return tiers.stream().map(tier -> tier.name() + tier.candidates()).toList();
  }
}
