package anycast.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Runs the jcstress tests of this module in a JVM of their own, a short while each. Minutes a test
/// are worth while after a change of the publication; the class path and `-h` do that by hand.
class PublicationStressTest {
  private static final long DEADLINE_SECONDS = 300;

  @Test
  void readersSeeWholeSnapshotsAndExactLoads() throws Exception {
    Path results = Files.createDirectories(Path.of("target", "jcstress").toAbsolutePath());
    Path log = results.resolve("output.txt");
    Process stress =
        new ProcessBuilder(command(results))
            .directory(results.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertTrue(stress.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), () -> "hangs:\n" + read(log));
    } finally {
      stress.descendants().forEach(ProcessHandle::destroyForcibly);
      stress.destroyForcibly();
    }
    String output = read(log);
    assertEquals(0, stress.exitValue(), output);
    assertFalse(output.contains("FAILED"), output);
    for (String test :
        List.of(
            "WholeSnapshot", "VersionsInOrder", "LoadStress", "RetryBudgetStress", "ProbeStress")) {
      assertTrue(Pattern.compile("OK\\][^\\n]*" + test).matcher(output).find(), output);
    }
    // The broken variant must be caught, else the run was too short to catch anything.
    assertTrue(output.contains("Interesting tests: 1 matching"), output);
    assertTrue(output.contains("Failed tests: No matches"), output);
    assertTrue(output.contains("Error tests: No matches"), output);
  }

  private static List<String> command(Path results) {
    return ChildJvm.command(
        List.of(),
        org.openjdk.jcstress.Main.class,
        "-m",
        "quick",
        "-sc",
        "false",
        "-f",
        "1",
        "-time",
        "400",
        "-iters",
        "3",
        "-jvmArgs",
        // One JVM for each test, instead of one for each compiler; code moves about as far as C2
        // may.
        "--enable-native-access=ALL-UNNAMED -XX:+UnlockDiagnosticVMOptions"
            + " -XX:+StressLCM -XX:+StressGCM -XX:+StressIGVN -Xmx256m",
        "-v",
        "-r",
        results);
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
