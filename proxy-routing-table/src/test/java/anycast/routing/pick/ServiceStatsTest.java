package anycast.routing.pick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceStatsTest {
  private static final long SECOND = 1_000_000_000L;

  private final ServiceStats stats = new ServiceStats();

  @Test
  void refusesOnceTheShareAndTheFewASecondAreUsedUp() {
    requests(100, SECOND);
    assertEquals(25, retries(20, 5, SECOND));
    assertFalse(stats.tryRetry(20, 5, SECOND));
  }

  @Test
  void aQuietServiceHasItsFewEachSecondAndDoesNotSaveThem() {
    assertEquals(10, retries(20, 10, SECOND));
    assertEquals(10, retries(20, 10, 5 * SECOND));
  }

  @Test
  void noBudgetMeansNoRetry() {
    requests(1000, SECOND);
    assertFalse(stats.tryRetry(0, 0, SECOND));
  }

  @Test
  void theShareIsThatOfTheLastTenSeconds() {
    requests(100, SECOND);
    assertEquals(20, retries(20, 0, 5 * SECOND));
    assertEquals(0, retries(20, 0, 10 * SECOND));
    requests(50, 11 * SECOND);
    assertEquals(0, retries(20, 0, 11 * SECOND), "those of second 5 still count");
    assertEquals(10, retries(20, 0, 15 * SECOND));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -3, Integer.MAX_VALUE - 2L, 4_294_967_290L})
  void theClockMayHaveAnyValue(long second) {
    for (int i = 0; i < 12; i++) {
      requests(10, (second + i) * SECOND);
    }
    assertEquals(50, retries(50, 0, (second + 11) * SECOND));
  }

  @Test
  void allLoopsTogetherTakeNoMoreThanThereIs() throws Exception {
    int threads = 4;
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Integer>> taken = new ArrayList<>();
    try (ExecutorService loops = Executors.newFixedThreadPool(threads)) {
      requests(10_000, SECOND);
      for (int i = 0; i < threads; i++) {
        taken.add(
            loops.submit(() -> {
              start.await();
              return retries(20, 10, SECOND);
            }));
      }
      start.countDown();
      int sum = 0;
      for (Future<Integer> each : taken) {
        sum += each.get(30, TimeUnit.SECONDS);
      }
      assertEquals(2010, sum);
    }
  }

  @Test
  void noneRemembersNothingAndRefusesNothing() {
    ServiceStats.NONE.onRequest(0);
    ServiceStats.NONE.onLatency(1);
    assertTrue(ServiceStats.NONE.tryRetry(0, 0, 0));
    assertEquals(-1, ServiceStats.NONE.latencyNanos(50));
    assertEquals(-1, ServiceStats.NONE.latencyNanos(50));
  }

  @Test
  void aQuantileIsUnknownBeforeEnoughWereAnswered() {
    assertEquals(-1, stats.latencyNanos(50));
    for (int i = 0; i < LatencyHistogram.ENOUGH - 1; i++) {
      stats.onLatency(1_000_000);
    }
    assertEquals(-1, stats.latencyNanos(50));
    stats.onLatency(1_000_000);
    assertTrue(stats.latencyNanos(50) > 0);
  }

  @Test
  void aQuantileIsAtMostAnEighthTooHigh() {
    stats.latencyNanos(50);
    for (int i = 1; i <= 1000; i++) {
      stats.onLatency(i * 1_000_000L);
    }
    for (int percent : new int[] {1, 50, 90, 95, 99}) {
      long exact = percent * 10 * 1_000_000L;
      long told = stats.latencyNanos(percent);
      assertTrue(told >= exact && told <= exact * 9 / 8 + 1, percent + ": " + told);
    }
  }

  @Test
  void whatServiceWasLikeBeforeIsForgotten() {
    stats.latencyNanos(50);
    for (int i = 0; i < 10_000; i++) {
      stats.onLatency(500_000_000);
    }
    for (int i = 0; i < 2 * LatencyHistogram.FULL; i++) {
      stats.onLatency(1_000_000);
    }
    assertTrue(stats.latencyNanos(75) < 2_000_000, "most of the recent ones were fast");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 65_535, 65_536, 1L << 35, 1L << 36, Long.MAX_VALUE})
  void anyLatencyHasABucket(long nanos) {
    stats.latencyNanos(50);
    for (int i = 0; i < LatencyHistogram.ENOUGH; i++) {
      stats.onLatency(nanos);
    }
    assertTrue(stats.latencyNanos(50) > 0);
  }

  @Test
  void loopsThatAddAndForgetAtOnceLoseNothingButWhatIsHalved() throws Exception {
    stats.latencyNanos(50);
    try (ExecutorService loops = Executors.newFixedThreadPool(4)) {
      List<Future<?>> adding = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        adding.add(
            loops.submit(() -> {
              for (int j = 0; j < 50_000; j++) {
                stats.onLatency(3_000_000);
              }
            }));
      }
      for (Future<?> each : adding) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
    long told = stats.latencyNanos(99);
    assertTrue(told >= 3_000_000 && told <= 3_375_000, () -> "told " + told);
  }

  private void requests(int count, long nowNanos) {
    for (int i = 0; i < count; i++) {
      stats.onRequest(nowNanos);
    }
  }

  /// How many the budget allows.
  private int retries(int percent, int perSecond, long nowNanos) {
    int taken = 0;
    while (stats.tryRetry(percent, perSecond, nowNanos)) {
      taken++;
    }
    return taken;
  }
}
