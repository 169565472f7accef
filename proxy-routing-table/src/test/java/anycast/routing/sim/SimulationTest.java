package anycast.routing.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SimulationTest {
  private static final long FIRST_SEED = 1;
  private static final long SEEDS = 10_000;

  @Test
  void tenThousandSeedsConverge() {
    long count = Long.getLong("sim.seeds", SEEDS);
    LongStream.range(FIRST_SEED, FIRST_SEED + count)
        .parallel()
        .forEach(SimulationTest::holds);
  }

  private static void holds(long seed) {
    try {
      new World(seed, Breakage.NONE, false).run();
    } catch (RuntimeException | AssertionError e) {
      World again = new World(seed, Breakage.NONE, true);
      try {
        again.run();
      } catch (RuntimeException | AssertionError second) {
        fail("seed " + seed + ": " + second + "\n" + again.story.text(), second);
      }
      throw e;
    }
  }
}
