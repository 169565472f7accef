package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ChargeTest {
  private static final long SECOND_NANOS = 1_000_000_000L;

  /// By the clock five seconds.
  private static final CompilerThread.Budget BUDGET =
      CompilerThread.Budget.of(Duration.ofMillis(250));

  /// As one in a system call: it runs, as far as Java knows, and takes no CPU.
  private final Thread still = Thread.ofPlatform().unstarted(() -> {});

  private long nanos;
  private long collectedNanos;

  private Charge charge() {
    return new Charge(() -> nanos, still, () -> 0, () -> 0, BUDGET, () -> collectedNanos);
  }

  /// @param share of it that the collector takes
  /// @return whether the budget is spent at the end of a second
  private boolean second(Charge charge, double share) {
    for (int look = 0; look < 100; look++) {
      nanos += SECOND_NANOS / 100;
      collectedNanos += (long) (share * SECOND_NANOS / 100);
      if (charge.isSpent()) {
        return true;
      }
    }
    return false;
  }

  private int secondsUntilSpent(double share) {
    Charge charge = charge();
    int seconds = 1;
    while (!second(charge, share)) {
      seconds++;
      assertTrue(seconds < 1_000);
    }
    return seconds;
  }

  @Test
  void whoWaitsUnseenIsGivenUpByTheClock() {
    assertEquals(6, secondsUntilSpent(0), "the first look begins it");
  }

  @Test
  void timeThatTheCollectorTookIsNobodys() {
    Charge charge = charge();
    for (int i = 0; i < 100; i++) {
      assertFalse(second(charge, 0.98), "an innocent one, in a process that is short of memory");
    }
  }

  @Test
  void whoWaitsUnseenIsGivenUpAlsoWhereTheCollectorRunsMostOfTheTime() {
    assertTrue(secondsUntilSpent(0.98) <= 260);
  }

  @Test
  void severalCollectorsAtOnceTakeNoMoreThanTheTimeThereIs() {
    Charge charge = charge();
    for (int i = 0; i < 20; i++) {
      assertFalse(second(charge, 2));
    }
    for (int i = 0; i < 5; i++) {
      assertFalse(second(charge, 0));
    }
    assertTrue(second(charge, 0), "nothing was lent");
  }
}
