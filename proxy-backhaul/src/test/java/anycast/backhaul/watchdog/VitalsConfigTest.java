package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.ConfigFile;
import anycast.backhaul.runtime.ConfigProblems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VitalsConfigTest {
  @TempDir private Path directory;

  @Test
  void nobodyNeedsTheBlock() throws Exception {
    assertEquals(VitalsConfig.STANDARD, read("other: x\n"));
  }

  @Test
  void everyValueIsRead() throws Exception {
    VitalsConfig config =
        read(
            """
            watchdog:
              directory: w
              action: log
              sample: 600ms
              not_ready: 1s
              dump: 2s
              end_half: 3s
              end_one: 4s
              jitter: 0s
            """);
    assertEquals(Optional.of(directory.resolve("w")), config.directory());
    assertEquals(VitalsConfig.Action.LOG, config.action());
    assertEquals(Duration.ofMillis(600), config.sample());
    assertEquals(Duration.ofSeconds(4), config.endOne());
    assertEquals(Duration.ZERO, config.jitter());
  }

  @Test
  void agesThatAreOutOfOrderAreAllNamed() {
    String problems =
        assertThrows(
                ConfigProblems.class,
                () ->
                    read(
                        """
                        watchdog:
                          sample: 100ms
                          not_ready: 3s
                          dump: 2s
                          end_half: 1s
                          end_one: 20m
                          jitter: 2m
                        """))
            .getMessage();
    assertTrue(problems.contains("`watchdog.sample` wants at least 400ms"), problems);
    assertTrue(
        problems.contains("`watchdog.dump` wants at least the time of `watchdog.not_ready`"),
        problems);
    assertTrue(
        problems.contains("`watchdog.end_half` wants at least the time of `watchdog.dump`"),
        problems);
    assertTrue(problems.contains("`watchdog.end_one` wants at most 10m"), problems);
    assertTrue(problems.contains("`watchdog.jitter` wants at most 1m"), problems);
  }

  private VitalsConfig read(String text) throws Exception {
    Path path = directory.resolve("proxy.yaml");
    Files.writeString(path, text);
    ConfigFile file = ConfigFile.read(path);
    file.root().text("other", "");
    VitalsConfig config = VitalsConfig.read(file.root());
    file.check();
    return config;
  }
}
