package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RequestIdsTest {
  private static final Instant NOW = Instant.ofEpochMilli(1_469_918_176_385L);
  private final RequestIds ids =
      new RequestIds(Scene.FRA, InstantSource.fixed(NOW), new SplittableRandom(1));

  @Test
  void isAUlidWithTheRegionBehindADash() {
    String id = ids.next();
    assertTrue(id.matches("[0-9A-HJKMNP-TV-Z]{26}-fra"), id);
    assertEquals("01ARYZ6S41", id.substring(0, 10));
  }

  @Test
  void neverRepeatsWithinAMillisecond() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      assertTrue(seen.add(ids.next()));
    }
  }

  @Test
  void sortsByTime() {
    RequestIds later =
        new RequestIds(Scene.FRA, InstantSource.fixed(NOW.plusMillis(1)), new SplittableRandom(2));
    assertTrue(ids.next().compareTo(later.next()) < 0);
  }
}
