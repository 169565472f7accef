package anycast.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import anycast.backhaul.link.LinkAcceptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The unit files: what we promise ourselves of them, and that systemd reads them without a word.
class UnitFilesTest {
  private static final Path UNITS = Path.of("systemd").toAbsolutePath();
  private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");
  private static final String JAVA = "/usr/lib/anycast/jdk/bin/java";

  @TempDir Path folder;

  /// Settings of one file, `Section.Key` each.
  private static Map<String, String> read(String name) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    String section = "";
    for (String line : Files.readAllLines(UNITS.resolve(name))) {
      if (line.startsWith("[")) {
        section = line.substring(1, line.length() - 1);
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        int equals = line.indexOf('=');
        String key = section + "." + line.substring(0, equals);
        assertEquals(null, settings.put(key, line.substring(equals + 1)), name + ": " + key);
      }
    }
    return settings;
  }

  @Test
  void servicesAreWatchedRestartedAndNeverGivenUp() throws Exception {
    Map<String, String> wanted =
        Map.of(
            "Service.Type", "notify",
            "Service.NotifyAccess", "main",
            "Service.WatchdogSec", "10",
            "Service.WatchdogSignal", "SIGQUIT",
            "Service.TimeoutAbortSec", "2",
            "Service.Restart", "always",
            "Unit.StartLimitIntervalSec", "0",
            "Service.NoNewPrivileges", "yes",
            "Service.CapabilityBoundingSet", "");
    for (String name : List.of("anycast-edge@.service", "anycast-worker@.service")) {
      Map<String, String> settings = read(name);
      wanted.forEach((key, value) -> assertEquals(value, settings.get(key), name + ": " + key));
      // No shell between systemd and the JVM.
      assertTrue(settings.get("Service.ExecStart").startsWith(JAVA + " "), name);
      assertEquals(
          settings.get("Unit.Requires"), settings.get("Service.Sockets"), name + ": sockets");
      // One at a time of all that a host runs.
      assertEquals("ANYCAST_HOST_SLOT=%S/anycast/slot", settings.get("Service.Environment"), name);
      assertTrue(settings.get("Service.StateDirectory").endsWith(" anycast/slot"), name);
    }
  }

  @Test
  void eachSocketHasItsListenersNameAndItsService() throws Exception {
    Map<String, String> names =
        Map.of(
            "anycast-edge@.socket", "https",
            "anycast-edge-http@.socket", "http",
            "anycast-worker@.socket", LinkAcceptor.NAME);
    for (Map.Entry<String, String> each : names.entrySet()) {
      Map<String, String> settings = read(each.getKey());
      assertEquals(each.getValue(), settings.get("Socket.FileDescriptorName"), each.getKey());
      assertEquals("4096", settings.get("Socket.Backlog"), each.getKey());
      assertEquals("no", settings.get("Socket.ReusePort"), each.getKey());
      assertEquals("0", settings.get("Socket.TriggerLimitIntervalSec"), each.getKey());
      String service = settings.get("Socket.Service").replace("%i", "");
      String instance = each.getKey().replace("@.", "@%i.");
      assertTrue(read(service).get("Service.Sockets").contains(instance), each.getKey());
    }
  }

  @Test
  void systemdHasNothingToSayAboutThem() throws Exception {
    assumeTrue(Files.isExecutable(ANALYZE), "no systemd-analyze here");
    assertEquals("", verify(""));
    // It is able to complain.
    assertTrue(verify("WatchdogSignal=SIGWHAT").contains("SIGWHAT"));
  }

  /// Reads unit files; touches nothing that runs.
  private String verify(String more) throws Exception {
    List<String> command = new ArrayList<>(List.of(ANALYZE.toString(), "verify", "--man=no"));
    try (Stream<Path> units = Files.list(UNITS)) {
      for (Path unit : units.sorted().toList()) {
        // A program that is there, whatever is installed.
        String text = Files.readString(unit).replace(JAVA, "/bin/true");
        String name = unit.getFileName().toString().replace("@.", "@fra-1.");
        Path copy = folder.resolve(name);
        Files.writeString(
            copy,
            text.replace(
                "WatchdogSignal=SIGQUIT", more.isEmpty() ? "WatchdogSignal=SIGQUIT" : more));
        if (name.endsWith(".service")) {
          command.add(copy.toString());
        }
      }
    }
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      return Files.readString(said, StandardCharsets.UTF_8);
    } finally {
      process.destroyForcibly();
    }
  }
}
