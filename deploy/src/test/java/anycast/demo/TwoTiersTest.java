package anycast.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Node;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// State in two tiers, each in a process of its own, which die one after the other while a client
/// asks.
@Timeout(240)
final class TwoTiersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Ticker TICKER = Ticker.system();
  private static final FleetPlan.App HELLO = new FleetPlan.App("hello", AppProtocol.HTTP1, false);
  private static final FleetPlan.App FAR = new FleetPlan.App("far", AppProtocol.HTTP1, false);
  private static final FleetPlan.Proxy EDGE = new FleetPlan.Proxy("edge-fra-1", "fra");
  private static final FleetPlan.Proxy WORKER = new FleetPlan.Proxy("wrk-fra-1", "fra");

  @TempDir private Path dir;

  private final List<ChildProcess> running = new ArrayList<>();

  @AfterEach
  void stop() {
    running.forEach(this::kill);
  }

  private void kill(ChildProcess child) {
    // A deadline that has passed: SIGKILL.
    child.awaitEnd(TICKER, TICKER.nanos());
  }

  private ChildProcess start(String name, String... mainAndArguments) throws FleetFault {
    ChildProcess child =
        ChildProcess.java(
            dir,
            name,
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx96m"),
            List.of(mainAndArguments));
    running.add(child);
    return child;
  }

  private ChildProcess startStore(String name) throws FleetFault {
    return start(
        name,
        "anycast.routing.feed.sqlite.StateMain",
        "--listen",
        "127.0.0.1:0",
        "--database",
        dir.resolve(name + ".db").toString(),
        "--ready-file",
        ChildProcess.readyFile(dir, name).toString());
  }

  private ChildProcess startProxy(String name, String main) throws FleetFault {
    return start(name, main, "--config", dir.resolve(name + ".yaml").toString());
  }

  private static String address(ChildProcess child, String name) throws FleetFault {
    JsonNode ready = child.awaitReady(TICKER, PATIENCE);
    return ready.findValue(name).asText();
  }

  /// What both proxies are told of state.
  private static String state(String global, String regional) {
    return """
    state:
      global: { urls: ["%s"] }
      regional:
        - { region: fra, urls: ["%s"] }
    last_good: { directory: %%s-last-good, every: 1s }
    """
        .formatted(global, regional);
  }

  private void configure(String name, String state, String rest) throws IOException {
    String surroundings =
        """
        node: %1$s
        region: fra
        identity: { ca: link-ca/ca.pem, certificate: %1$s.pem, key: %1$s.key }
        admin: { socket: %1$s.sock }
        runtime: { event_loops: 1 }
        ready_file: %1$s.ready.json
        """
            .formatted(name);
    Files.writeString(dir.resolve(name + ".yaml"), surroundings + state.formatted(name) + rest);
  }

  private void awaitLastGood(String name) throws Exception {
    long deadlineNanos = TICKER.nanos() + PATIENCE.toNanos();
    while (!isSaved(dir.resolve(name + "-last-good"))) {
      assertTrue(TICKER.nanos() - deadlineNanos < 0, "nothing was saved");
      // nothing else will wake us: another process writes the file
      assertEquals(false, new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS));
    }
  }

  private static boolean isSaved(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> file.toString().endsWith(".good"));
    }
  }

  private static HttpResponse<String> ask(HttpClient client, String edge, String host)
      throws Exception {
    String port = edge.substring(edge.lastIndexOf(':'));
    return client.send(
        HttpRequest.newBuilder(URI.create("http://" + host + port + "/"))
            .timeout(Duration.ofSeconds(30))
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void servesFromBothTiersWithoutThemAndAfterARestart() throws Exception {
    ChildProcess global = startStore("global");
    ChildProcess fra = startStore("fra");
    ChildProcess app = startApp();
    String globalUrl = address(global, "state");
    writeRows(URI.create(globalUrl));
    FleetIdentities identities = new FleetIdentities(dir, InstantSource.system());
    identities.writeNode(dir, Node.Role.EDGE, EDGE.name());
    identities.writeNode(dir, Node.Role.WORKER, WORKER.name());
    String state = state(globalUrl, address(fra, "state"));
    String port = address(app, "app").replaceFirst(".*:", "");
    configure(
        WORKER.name(),
        state,
        """
        backhaul: { listen: "127.0.0.1:0", advertise: "" }
        instances:
          - { id: hello-1, app: hello, address: 127.0.0.1, port: %s }
        """
            .formatted(port));
    configure(
        EDGE.name(),
        state,
        """
        listeners:
          - { name: http, listen: "127.0.0.1:0", port: 80, tls: false }
        """);
    ChildProcess worker = startProxy(WORKER.name(), "anycast.backhaul.worker.WorkerMain");
    worker.awaitReady(TICKER, PATIENCE);
    ChildProcess edge = startProxy(EDGE.name(), "anycast.edge.EdgeMain");
    String http = address(edge, "http");
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertEquals(200, ask(client, http, "hello.demo.test").statusCode());
      HttpResponse<String> far = ask(client, http, "far.demo.test");
      assertEquals(503, far.statusCode());
      assertTrue(far.headers().toString().contains("PR05"), () -> far.headers() + far.body());
      awaitLastGood(EDGE.name());
      awaitLastGood(WORKER.name());

      kill(fra);
      assertEquals(200, ask(client, http, "hello.demo.test").statusCode());
      kill(global);
      assertEquals(200, ask(client, http, "hello.demo.test").statusCode());

      kill(edge);
      ChildProcess again = startProxy(EDGE.name(), "anycast.edge.EdgeMain");
      String anew = address(again, "http");
      assertEquals(200, ask(client, anew, "hello.demo.test").statusCode());
      assertEquals(503, ask(client, anew, "far.demo.test").statusCode());
    }
    kill(worker);
    startProxy(WORKER.name(), "anycast.backhaul.worker.WorkerMain").awaitReady(TICKER, PATIENCE);
  }

  private ChildProcess startApp() throws FleetFault {
    return start(
        "hello-1",
        "anycast.demo.DemoApp",
        "--instance",
        "hello-1",
        "--app",
        "hello",
        "--node",
        WORKER.name(),
        "--region",
        "fra",
        "--protocol",
        HELLO.protocol().name(),
        "--port",
        "0",
        "--ready-file",
        ChildProcess.readyFile(dir, "hello-1").toString());
  }

  /// Of `far` it is known that it runs, elsewhere, and nothing else.
  private static void writeRows(URI store) throws FleetFault {
    StateRows rows = new StateRows(store);
    for (FleetPlan.App app : List.of(HELLO, FAR)) {
      rows.app(app.name());
      rows.service(app, 200, 1000);
      rows.host(new FleetPlan.Host(app.name() + ".demo.test", app.name()));
    }
    rows.count(FAR.name(), "wrk-iad-1", "iad", 3);
    rows.write();
  }
}
