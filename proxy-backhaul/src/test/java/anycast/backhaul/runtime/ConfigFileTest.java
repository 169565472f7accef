package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.NodeId;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir Path directory;

  @Test
  void valuesOfEveryTypeAreRead() throws Exception {
    Files.writeString(directory.resolve("ca.pem"), "x");
    ConfigFile file =
        write(
            """
            node: edge-fra-1
            state: { urls: ["http://127.0.0.1:9000"] }
            listeners:
              - { name: https, listen: "127.0.0.1:0", port: 443, tls: true }
              - { name: http,  listen: "[::1]:8080",  port: 80,  tls: false }
            ca: ca.pem
            socket: run/edge.sock
            timeout: 250ms
            labels: { tier: gold, "zone": a }
            runtime: { transport: io_uring }
            """);
    ConfigBlock root = file.root();
    NodeId node = root.parsed("node", NodeId::new);
    List<URI> urls = root.block("state").uris("urls");
    List<ConfigBlock> listeners = root.blocks("listeners");
    List<String> names = listeners.stream().map(block -> block.text("name")).toList();
    List<HostPort> binds = listeners.stream().map(block -> block.hostPort("listen")).toList();
    List<Integer> ports = listeners.stream().map(block -> block.integer("port", 1, 65535)).toList();
    List<Boolean> tls = listeners.stream().map(block -> block.bool("tls")).toList();
    Path ca = root.file("ca");
    Path socket = root.path("socket");
    Duration timeout = root.duration("timeout", Duration.ZERO);
    Duration absent = root.duration("absent", Duration.ofSeconds(2));
    Map<String, String> labels = root.textMap("labels");
    RuntimeConfig runtime = RuntimeConfig.read(root);
    Path ready = root.path("ready_file", null);
    file.check();

    assertEquals(new NodeId("edge-fra-1"), node);
    assertEquals(List.of(URI.create("http://127.0.0.1:9000")), urls);
    assertEquals(List.of("https", "http"), names);
    assertEquals(List.of(new HostPort("127.0.0.1", 0), new HostPort("::1", 8080)), binds);
    assertEquals(List.of(443, 80), ports);
    assertEquals(List.of(true, false), tls);
    assertEquals(directory.resolve("ca.pem"), ca);
    assertEquals(directory.resolve("run/edge.sock"), socket);
    assertEquals(Duration.ofMillis(250), timeout);
    assertEquals(Duration.ofSeconds(2), absent);
    assertEquals(Map.of("tier", "gold", "zone", "a"), labels);
    assertEquals(new RuntimeConfig(Transport.IO_URING, 0), runtime);
    assertEquals(null, ready);
  }

  @Test
  void everyProblemIsNamedAtOnceWithItsLine() throws Exception {
    assertProblems(
        """
        nod: edge-fra-1
        region: no
        state: [1]
        listeners:
          - { name: https, listen: "127.0.0.1", port: 70000, tls: maybe }
          - nonsense
        identity:
          ca: missing.pem
          key: [a]
        runtime: { transport: warp }
        runtime: { event_loops: 1 }
        timeout: 2 seconds
        """,
        root -> {
          root.text("node");
          root.text("region");
          root.block("state").uris("urls");
          for (ConfigBlock listener : root.blocks("listeners")) {
            listener.text("name");
            listener.hostPort("listen");
            listener.integer("port", 1, 65535);
            listener.bool("tls");
          }
          ConfigBlock identity = root.block("identity");
          identity.file("ca");
          identity.file("certificate");
          identity.file("key");
          RuntimeConfig.read(root);
          root.duration("timeout", Duration.ZERO);
          root.block("admin").path("socket");
        },
        """
        1: missing key `node`
        1: missing key `admin`
        1: unknown key `nod`; did you mean `node`?
        2: `region` wants text, has a truth value: put it in quotes
        3: `state` wants a block of `key: value` lines
        5: `listeners[0].listen` wants host:port, has no ':'
        5: `listeners[0].port` wants a whole number from 1 to 65535
        5: `listeners[0].tls` wants true or false, has text
        6: `listeners` wants a list of blocks
        8: `identity.ca` names a file that is not there: DIR/missing.pem
        8: missing key `certificate` in `identity`
        9: `identity.key` wants text, has a list
        10: `runtime.transport` wants one of auto, epoll, io_uring, nio
        11: key `runtime` stands twice
        12: `timeout` wants a duration like 250ms, 2s, 5m or 1h
        """);
  }

  @Test
  void unknownKeysAreNamedInEveryBlock() throws Exception {
    assertProblems(
        """
        runtime:
          event_lops: 2
          colour: green
        instances:
          - id: a
            prot: 1
        """,
        root -> {
          RuntimeConfig.read(root);
          root.optionalBlocks("instances").forEach(block -> block.text("id"));
        },
        """
        2: unknown key `event_lops` in `runtime`; did you mean `event_loops`?
        3: unknown key `colour` in `runtime`; known are transport, event_loops
        6: unknown key `prot` in `instances[0]`; known are id
        """);
  }

  @Test
  void filesThatHoldNoConfigurationAreNamed() throws Exception {
    assertUnreadable(directory.resolve("absent.yaml"), "absent.yaml: no such file");
    assertUnreadable(directory, "is a directory");
    assertUnreadable(text("a: b: c\n"), ":1: is not YAML: ");
    assertUnreadable(text("a: 1\nb: [1, 2\nc: 3\n"), "is not YAML: ");
    assertUnreadable(text("\tx: 1\n"), ":1: is not YAML: ");
    assertUnreadable(text("a: \u0001\n"), "is not YAML: ");
    assertUnreadable(text(""), "wants `key: value` lines");
    assertUnreadable(text("- a\n- b\n"), ":1: wants `key: value` lines");
    assertUnreadable(text("just words"), ":1: wants `key: value` lines");
    assertUnreadable(text("{".repeat(50_000)), "is not YAML: ");
    assertUnreadable(text("a: " + "x".repeat(1 << 20)), "is larger than");
    Path latin = directory.resolve("latin.yaml");
    Files.write(latin, new byte[] {'a', ':', ' ', (byte) 0xe9, '\n'});
    assertUnreadable(latin, "is not UTF-8 text");
  }

  @Test
  void keyCannotForgeALineOfTheReport() throws Exception {
    ConfigFile file = ConfigFile.read(text("\"a\\nedge.yaml:9: fine\": 1\n"));

    ConfigProblems problems = assertThrows(ConfigProblems.class, file::check);
    assertEquals(1, problems.getMessage().lines().count());
  }

  @Test
  void callersOwnProblemsHaveTheLineOfTheirKey() throws Exception {
    assertProblems(
        "a: 1\nport: 80\n",
        root -> {
          root.integer("a", 0, 9);
          root.integer("port", 1, 99);
          root.note("port", "is taken by another listener");
        },
        "2: `port` is taken by another listener\n");
  }

  private void assertProblems(String yaml, Consumer<ConfigBlock> reading, String wanted)
      throws Exception {
    Path path = text(yaml);
    ConfigFile file = ConfigFile.read(path);
    reading.accept(file.root());

    ConfigProblems problems = assertThrows(ConfigProblems.class, file::check);
    assertTrue(problems.getMessage().startsWith(path + ":"), problems.getMessage());
    assertEquals(
        wanted,
        problems.problems().stream()
            .map(problem ->
                problem.line() + ": " + problem.text().replace(directory.toString(), "DIR") + "\n")
            .collect(Collectors.joining()));
  }

  private void assertUnreadable(Path path, String reason) {
    ConfigProblems problems = assertThrows(ConfigProblems.class, () -> ConfigFile.read(path));
    assertTrue(problems.getMessage().contains(reason), problems.getMessage());
    assertFalse(problems.getMessage().contains("\n"), problems.getMessage());
  }

  private ConfigFile write(String yaml) throws Exception {
    return ConfigFile.read(text(yaml));
  }

  private Path text(String yaml) throws Exception {
    return Files.writeString(directory.resolve("edge.yaml"), yaml);
  }
}
