package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HealthTest {
  private static int status(int queue, Map<String, String> thresholds) {
    return assertInstanceOf(Reply.Whole.class, Health.answer(queue, thresholds)).status();
  }

  @Test
  void failsWhereAThresholdIsExceeded() {
    assertEquals(503, status(9, Map.of("max_queue", "8")));
    assertEquals(200, status(9, Map.of("max_queue", "9")));
    assertEquals(503, status(0, Map.of("gaps", "-1")));
    assertEquals(418, status(9, Map.of("max_queue", "8", "failure_status", "418")));
    assertEquals(503, status(9, Map.of("p99_lag", "-1")));
    assertEquals(200, status(9, Map.of("p99_lag", "-1", "queue_size", "9")));
    assertEquals(503, status(9, Map.of("p99_lag", "-1", "queue_size", "8")));
  }

  @Test
  void refusesThresholdsThatAreNone() {
    for (String name : new String[] {"gaps", "p99_lag", "max_queue", "failure_status"}) {
      assertThrows(IllegalArgumentException.class, () -> status(0, Map.of(name, "many")), name);
    }
    assertThrows(IllegalArgumentException.class, () -> status(0, Map.of("failure_status", "200")));
  }

  @Test
  void singleNodeIsWell() {
    Reply.Whole reply = assertInstanceOf(Reply.Whole.class, Health.answer(3, Map.of()));
    assertEquals(200, reply.status());
    assertEquals(
        "{\"response\":{\"gaps\":0,\"members\":1,\"p99_lag\":0.0,\"queue_size\":3}}",
        new String(reply.body(), StandardCharsets.UTF_8));
  }
}
