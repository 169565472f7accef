package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.identity.PrivateCa;
import anycast.routing.ChildJvm;
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
    ChildJvm.Ended ended = run(config);
    assertEquals(2, ended.code(), ended.said());
    assertTrue(ended.said().contains(config + ":4: unknown key `colour`"), ended.said());
    assertTrue(ended.said().contains(config + ":6: "), ended.said());
    assertTrue(ended.said().contains("listeners[0].listen"), ended.said());
    assertTrue(ended.said().contains("listeners[0].tls"), ended.said());
    assertTrue(ended.said().contains("missing.pem"), ended.said());
    assertTrue(ended.said().contains("missing.key"), ended.said());
    assertTrue(ended.said().contains("10.0.0.0/99"), ended.said());
    assertFalse(ended.said().contains("\tat "), ended.said());
  }

  @Test
  void saysInOneLineThatItsPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      ChildJvm.Ended ended = run(valid(taken.getLocalPort()));
      assertEquals(1, ended.code(), ended.said());
      List<String> lines = ended.said().lines().toList();
      assertTrue(
          lines.getLast().startsWith("edge cannot run: listener https cannot listen on "),
          ended.said());
      assertFalse(ended.said().contains("\tat "), ended.said());
    }
  }

  @Test
  void endsWellOnATermSignalAlsoWhileItWaitsForState() throws Exception {
    Path errors = folder.resolve("errors.txt");
    Process process = ChildJvm.start(errors, command(valid(0)));
    try {
      Path socket = folder.resolve("edge.sock");
      ChildJvm.awaitFile(process, socket, errors);
      process.destroy();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not end");
      assertEquals(0, process.exitValue(), Files.readString(errors));
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

  private static List<String> command(Path config) {
    return ChildJvm.quick(EdgeMain.class, "--config", config);
  }

  private ChildJvm.Ended run(Path config) throws Exception {
    return ChildJvm.run(folder.resolve("errors.txt"), command(config));
  }
}
