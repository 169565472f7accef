package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.AdminServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WatchdogCommandTest {
  private record Row(
      String name,
      String state,
      long beats,
      long ageMs,
      long blameMs,
      long starvedMs,
      long stalls,
      long lastStallMs,
      Long sampleAgeMs,
      List<String> sample) {}

  private record View(
      String action,
      long ticks,
      long lateTicks,
      long lostMs,
      Map<String, Object> canary,
      List<Row> threads) {}

  @Test
  void threadsAreATableAndSamplesStandBelow(@TempDir Path directory) throws Exception {
    Row well = new Row("loop-1-1", "well", 400, 100, 50, 0, 0, 0, null, List.of());
    Row stuck =
        new Row(
            "loop-1-2", "waits", 12, 2500, 2450, 0, 1, 0, 1900L, List.of("a.B.c(B.java:1)", "d.E"));
    View view =
        new View(
            "kill",
            2000,
            1,
            2950,
            Map.of("age_ms", 800, "failures", 2, "error", "https: x"),
            List.of(well, stuck));
    Path socket = directory.resolve("edge.sock");
    try (AdminServer _ = AdminServer.start(socket, Map.of("/watchdog", _ -> view))) {
      Ctl ctl = Ctl.run("--socket", socket, "watchdog");

      assertEquals("", ctl.err());
      assertEquals(0, ctl.exit());
      List<String> lines = ctl.out().lines().toList();
      assertEquals("action kill, 2000 looks, 1 of them late, 2950 ms lost", lines.get(0));
      assertEquals("canary came back 800 ms ago, 2 failed: https: x", lines.get(1));
      assertTrue(lines.get(2).startsWith("THREAD    STATE  BEATS"), lines.get(2));
      assertTrue(lines.get(4).startsWith("loop-1-2  waits     12"), lines.get(4));
      assertEquals(
          List.of("loop-1-2 stood, 1900 ms ago, at", "  a.B.c(B.java:1)", "  d.E"),
          lines.subList(6, 9));
    }
  }
}
