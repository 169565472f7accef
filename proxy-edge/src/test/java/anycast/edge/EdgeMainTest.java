package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.identity.PrivateCa;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The process as a user starts it.
@Timeout(120)
class EdgeMainTest {
  @TempDir Path folder;

  @Test
  void namesEveryProblemOfItsConfigurationAtOnce() throws Exception {
    Path config =
        write(
            """
            node: edge-fra-1
            region: fra
            state: { urls: ["http://127.0.0.1:1"] }
            colour: blue
            listeners:
              - { name: https, listen: "127.0.0.1", port: 443, tls: maybe }
            identity: { ca: ca.pem, certificate: missing.pem, key: missing.key }
            admin: { socket: edge.sock }
            trusted_proxies: ["10.0.0.0/99"]
            """);
    Ended ended = run(config);
    assertEquals(2, ended.code(), ended.errors());
    assertTrue(ended.errors().contains(config + ":4: unknown key `colour`"), ended.errors());
    assertTrue(ended.errors().contains(config + ":6: "), ended.errors());
    assertTrue(ended.errors().contains("listeners[0].listen"), ended.errors());
    assertTrue(ended.errors().contains("listeners[0].tls"), ended.errors());
    assertTrue(ended.errors().contains("missing.pem"), ended.errors());
    assertTrue(ended.errors().contains("missing.key"), ended.errors());
    assertTrue(ended.errors().contains("10.0.0.0/99"), ended.errors());
    assertFalse(ended.errors().contains("\tat "), ended.errors());
  }

  @Test
  void saysInOneLineThatItsPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Ended ended = run(valid(taken.getLocalPort()));
      assertEquals(1, ended.code(), ended.errors());
      List<String> lines = ended.errors().lines().toList();
      assertTrue(
          lines.getLast().startsWith("edge cannot run: listener https cannot listen on "),
          ended.errors());
      assertFalse(ended.errors().contains("\tat "), ended.errors());
    }
  }

  @Test
  void endsWellOnATermSignalAlsoWhileItWaitsForState() throws Exception {
    Path errors = folder.resolve("errors.txt");
    Process process = start(valid(0), errors);
    try {
      Path socket = folder.resolve("edge.sock");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!Files.exists(socket) && process.isAlive() && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertTrue(Files.exists(socket), () -> read(errors));
      process.destroy();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), () -> read(errors));
      assertEquals(0, process.exitValue(), () -> read(errors));
      assertFalse(Files.exists(socket));
    } finally {
      process.destroyForcibly();
    }
  }

  private Path valid(int port) throws Exception {
    PrivateCa ca = PrivateCa.init(folder, InstantSource.system());
    ca.issue(Node.Role.EDGE, new NodeId("edge-fra-1"), Duration.ofDays(1))
        .write(folder, "edge-fra-1", ca.certificateFile());
    return write(
        """
        node: edge-fra-1
        region: fra
        state: { urls: ["http://127.0.0.1:1"] }
        listeners:
          - { name: https, listen: "127.0.0.1:%d", port: 443, tls: true }
        identity: { ca: ca.pem, certificate: edge-fra-1.pem, key: edge-fra-1.key }
        admin: { socket: edge.sock }
        runtime: { event_loops: 1 }
        ready_file: edge.json
        """
            .formatted(port));
  }

  private Path write(String text) throws IOException {
    Path config = folder.resolve("edge.yaml");
    Files.writeString(config, text);
    return config;
  }

  private Process start(Path config, Path errors) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "--enable-native-access=ALL-UNNAMED",
            EdgeMain.class.getName(),
            "--config",
            config.toString())
        .redirectErrorStream(true)
        .redirectOutput(errors.toFile())
        .start();
  }

  private Ended run(Path config) throws Exception {
    Path errors = folder.resolve("errors.txt");
    Process process = start(config, errors);
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> read(errors));
      return new Ended(process.exitValue(), read(errors));
    } finally {
      process.destroyForcibly();
    }
  }

  private record Ended(int code, String errors) {}

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
