package anycast.drill;

import anycast.demo.FleetProcess;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// A fleet for the tests of one class, and what a drill prints in one of them.
abstract class OnAFleet {
  @TempDir static Path dir;

  static FleetProcess fleet;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @BeforeAll
  static void start() throws Exception {
    fleet = FleetProcess.start(dir);
  }

  @AfterAll
  static void stop() throws Exception {
    if (fleet != null) {
      fleet.stop();
    }
  }

  final String said() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
