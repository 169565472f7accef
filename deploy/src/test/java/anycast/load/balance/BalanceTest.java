package anycast.load.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.load.balance.Play.Outcome;
import anycast.load.balance.Play.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The benchmark's small sister: seconds of virtual time, one seed, each scenario.
class BalanceTest {
  private static final Size SMALL = new Size(40, 200, 9);

  static Iterable<Scenario> scenarios() {
    return Scenario.ALL;
  }

  private static Outcome play(Scenario scenario, String way) {
    return new Play(SMALL, scenario, BalanceBench.WAYS.get(way), 1).run();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void thePickerIsNotWorseThanChance(Scenario scenario) {
    Outcome ours = play(scenario, "this picker");
    Outcome random = play(scenario, "random");
    String both =
        ours.millis(99)
            + " ms, "
            + ours.errorPercent()
            + " % to "
            + random.millis(99)
            + " ms, "
            + random.errorPercent()
            + " %";
    assertTrue(ours.requests() > 5_000, both);
    // Tails of so short a run are within a tenth of each other from seed to seed.
    assertTrue(ours.millis(99) <= 1.1 * random.millis(99), both);
    assertTrue(ours.errorPercent() <= random.errorPercent() + 0.1, both);
  }

  @Test
  void theSameSeedGivesTheSameFigures() {
    Scenario all = Scenario.ALL.getLast();
    Outcome one = play(all, "this picker");
    Outcome other = play(all, "this picker");
    assertEquals(one.latencies(), other.latencies());
    assertEquals(one.errors(), other.errors());
  }
}
