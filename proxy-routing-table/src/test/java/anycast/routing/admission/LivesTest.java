package anycast.routing.admission;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class LivesTest {
  private static final int LIVES = 1_000;

  private static final Logger LOGGER =
      (Logger) LoggerFactory.getLogger("anycast.routing.admission");

  private static Level level;

  /// Each start tells how the life before ended.
  @BeforeAll
  static void hush() {
    level = LOGGER.getLevel();
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void speakUp() {
    LOGGER.setLevel(level);
  }

  @Test
  void anyHistoryEndsWithThePoisonOutAndTheInnocentIn() {
    for (long seed = 0; seed < LIVES; seed++) {
      try {
        new Life(seed).live();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
