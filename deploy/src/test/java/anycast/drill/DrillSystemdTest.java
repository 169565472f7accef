package anycast.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `deploy/drill systemd`: where a machine of its own can be made for it, as root mostly.
@Timeout(1300)
final class DrillSystemdTest {
  private static final Path MACHINE = Path.of("machine").toAbsolutePath();
  private static final String JAVA = "/usr/lib/anycast/jdk/bin/java";

  /// By `deploy/machine`.
  private static final int CANNOT = 77;

  @TempDir private Path dir;

  @Test
  void edgeAndWorkerServeUnderTheirUnits() throws Exception {
    Told check = machine(60, "--check");
    assumeTrue(check.code() != CANNOT, check.text());
    assertEquals(0, check.code(), check.text());
    Path lib = Files.createDirectory(dir.resolve("lib"));
    install(lib);
    Told told =
        machine(
            1200,
            lib.toString(),
            JAVA,
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-cp",
            "/usr/lib/anycast/lib/*",
            "anycast.drill.Drill",
            "systemd",
            "--dir",
            "/root/drill",
            "--rate",
            "1",
            "--busy");
    assertEquals(0, told.code(), told.text());
    assertTrue(told.text().contains("VERDICT: systemd started, watched"), told.text());
  }

  private record Told(int code, String text) {}

  private Told machine(int seconds, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(MACHINE.toString()));
    command.addAll(List.of(arguments));
    Path said = Files.createTempFile(dir, "machine", ".out");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), () -> "it hangs: " + said);
      return new Told(process.exitValue(), Files.readString(said));
    } finally {
      // It takes its machine along.
      process.destroy();
      process.waitFor(30, TimeUnit.SECONDS);
    }
  }

  /// The class path as `deploy/build` leaves it: jars in one directory.
  private static void install(Path lib) throws IOException {
    int number = 0;
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path entry = Path.of(each);
      if (Files.isRegularFile(entry)) {
        Files.copy(entry, lib.resolve(number++ + "-" + entry.getFileName()));
      } else if (Files.isDirectory(entry) && !entry.endsWith("test-classes")) {
        pack(entry, lib.resolve(number++ + "-classes.jar"));
      }
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(file);
        Stream<Path> files = Files.walk(classes)) {
      for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
        packed.putNextEntry(new JarEntry(classes.relativize(each).toString()));
        Files.copy(each, packed);
        packed.closeEntry();
      }
    }
  }
}
