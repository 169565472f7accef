package anycast.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The drill on a real fleet, with short steps.
@Timeout(240)
final class DrillReseedTest extends OnAFleet {
  @Test
  void directoryWithoutAFleetIsSaid() throws Exception {
    Path empty = Files.createTempDirectory(dir, "empty");
    assertEquals(1, Drill.reseed(empty, Duration.ofSeconds(1), 1, out));
    assertTrue(said().contains("no fleet runs in " + empty), said());
  }

  @Test
  void storeThatWasKilledIsStartedAgainWhereItWas() throws Exception {
    Path file = dir.resolve("fleet.json");
    try (Operator operator = new Operator(dir, out, Ticker.system())) {
      var before = new JsonMapper().readTree(file.toFile()).path("state");
      ProcessHandle store = ProcessHandle.of(before.path("pid").asLong()).orElseThrow();
      store.destroyForcibly();
      operator.await(
          "another process",
          () ->
              new JsonMapper().readTree(file.toFile()).path("state").path("pid").asLong()
                  != store.pid());
      var after = new JsonMapper().readTree(file.toFile()).path("state");
      assertNotEquals(before.path("pid"), after.path("pid"));
      assertEquals(before.path("url"), after.path("url"));
      assertEquals("4", operator.read("SELECT count(*) FROM apps"));
    }
  }

  @Test
  void noRequestToAnUntouchedAppFailsAndTheToolTellsWhatHappened() throws Exception {
    int code = Drill.reseed(dir, Duration.ofSeconds(1), 2, out);
    String said = said();
    assertEquals(0, code, said);
    assertTrue(said.contains("VERDICT: no request to an untouched app failed"), said);
    assertTrue(said.contains("answered all along: its row before serves"), said);
    for (String told :
        new String[] {
          "is restored from",
          "hostnames     old.demo.test   came: name old.demo.test, app hello",
          "hostnames     late.demo.test  went: name late.demo.test, app echo",
          "wrk-drill-1/bulk-999  went: node wrk-drill-1",
          "wrk-iad-1/wild-1  yes              state has the unknown value 'sideways'",
          "old.demo.test     yes              chain is empty",
          "$ proxyctl --socket"
        }) {
      assertTrue(said.contains(told), told + " is not in:\n" + said);
    }
  }
}
