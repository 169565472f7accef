package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CollectorTest {
  private long nanos;
  private long collectedMillis;
  private final Collector collector = new Collector(() -> collectedMillis, 0);

  /// @param millis of each look's 50 that it ran
  /// @return what the last look said
  private boolean looks(int count, int millis) {
    boolean mostly = false;
    for (int i = 0; i < count; i++) {
      nanos += TimeUnit.MILLISECONDS.toNanos(50);
      collectedMillis += millis;
      mostly = collector.runsMostly(nanos);
    }
    return mostly;
  }

  /// Both for so long, and nobody looked meanwhile.
  private boolean pause(int seconds) {
    nanos += TimeUnit.SECONDS.toNanos(seconds);
    collectedMillis += TimeUnit.SECONDS.toMillis(seconds);
    return collector.runsMostly(nanos);
  }

  @Test
  void youngCollectionsAreNothing() {
    assertFalse(looks(1_000, 10));
  }

  @Test
  void onePauseIsNotMostOfTheTime() {
    looks(100, 0);
    assertFalse(pause(2));
  }

  @Test
  void whoCollectsAllTheTimeIsFoundWithinSecondsAndForgivenWithinSeconds() {
    looks(100, 0);
    assertTrue(looks(100, 49));
    assertFalse(looks(100, 0));
  }

  @Test
  void severalCollectorsAtOnceAreOne() {
    assertTrue(looks(1_000, 200));
    assertFalse(looks(100, 0));
  }
}
