package anycast.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The whole system: real processes, real sockets, a client that knows nothing of what is behind
/// the edge.
///
/// In order, because the later ones break the fleet.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(240)
final class DemoFleetTest {
  /// Large enough that no buffer on the way holds it.
  private static final long BODY_BYTES = 24L << 20;

  private static final long LARGE_BYTES = 1L << 30;

  private static final Ticker CLOCK = Ticker.system();

  @TempDir private static Path dir;

  private static FleetProcess fleet;
  private static HttpClient http1;
  private static HttpClient http2;

  @BeforeAll
  static void start() throws Exception {
    fleet = FleetProcess.start(dir);
    http1 = client(Version.HTTP_1_1);
    http2 = client(Version.HTTP_2);
  }

  @AfterAll
  static void stop() throws Exception {
    if (fleet != null) {
      http1.shutdownNow();
      http2.shutdownNow();
      fleet.stop();
    }
  }

  private static HttpClient client(Version version) {
    return HttpClient.newBuilder()
        .version(version)
        .sslContext(Probe.trusting(fleet.ca()))
        .connectTimeout(Duration.ofSeconds(10))
        .build();
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30));
  }

  private static HttpResponse<String> ask(HttpClient client, String url) throws Exception {
    return client.send(request(url).build(), BodyHandlers.ofString());
  }

  private static String instance(HttpResponse<?> response) {
    return response.headers().firstValue("x-instance").orElse("none");
  }

  @Test
  @Order(0)
  void theFleetFileIsWholeAndTrue() throws Exception {
    assertEquals(List.of(), fleet.missing());
    assertTrue(fleet.file().path("state").path("url").asText().startsWith("http://127.0.0.1:"));
    for (long pid : fleet.pids()) {
      assertTrue(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), "pid " + pid);
    }
    assertEquals(17, Set.copyOf(fleet.pids()).size());
    assertTrue(Files.isRegularFile(fleet.ca()));
    assertFalse(fleet.file().path("curl").isEmpty());
  }

  @Test
  @Order(0)
  void aDirectoryIsOneFleetsAtATime() throws Exception {
    String before = Files.readString(dir.resolve("demo.pid"));
    ChildJvm.Ended again = fleet.startAgain();
    assertEquals(1, again.code(), again::said);
    assertTrue(again.said().contains("a fleet runs in " + dir + " already"), again::said);
    assertEquals(before, Files.readString(dir.resolve("demo.pid")));
    assertTrue(fleet.running());
  }

  @Test
  @Order(1)
  void bothVersionsReachTheRegionThatTheyPreferFromBothRegions() throws Exception {
    for (HttpClient client : List.of(http1, http2)) {
      for (String region : List.of("fra", "iad")) {
        for (String host : List.of("hello.demo.test", "echo.demo.test")) {
          // by round trip both regions are equally near on one machine
          HttpResponse<String> response =
              client.send(
                  request(fleet.url(region, "https", host) + "/some/path?q=1")
                      .header("fly-prefer-region", region)
                      .build(),
                  BodyHandlers.ofString());
          assertEquals(200, response.statusCode(), response::body);
          assertEquals(client.version(), response.version());
          JsonNode entry = fleet.find("instances", "id", instance(response));
          assertEquals(region, entry.path("region").asText(), response::body);
          assertTrue(response.body().contains("GET /some/path?q=1"), response::body);
        }
      }
    }
  }

  @Test
  @Order(2)
  void anAppOfOneRegionAnswersInTheOther() throws Exception {
    HttpResponse<String> response =
        ask(http2, fleet.url("fra", "https", "any.wild.demo.test") + "/");
    assertEquals("wild-1", instance(response), response::body);
  }

  @Test
  @Order(3)
  void thePlainListenerSendsToHttpsWhereTheAppWantsThat() throws Exception {
    HttpResponse<String> forced = ask(http1, fleet.url("fra", "http", "hello.demo.test") + "/x?y");
    assertTrue(Set.of(301, 302, 307, 308).contains(forced.statusCode()), () -> "" + forced);
    String location = forced.headers().firstValue("location").orElse("none");
    assertTrue(location.startsWith("https://hello.demo.test"), location);
    assertTrue(location.endsWith("/x?y"), location);

    HttpResponse<String> plain = ask(http1, fleet.url("fra", "http", "any.wild.demo.test") + "/");
    assertEquals(200, plain.statusCode());
  }

  @Test
  @Order(4)
  void anUnknownHostIsNotAnsweredByAnyApp() throws Exception {
    HttpResponse<String> response = ask(http1, fleet.url("fra", "http", "nobody.demo.test") + "/");
    assertTrue(response.statusCode() >= 400, () -> "" + response);
    assertEquals("none", instance(response));
  }

  @Test
  @Order(5)
  void whatTheAppFailsAtIsTold() throws Exception {
    for (HttpClient client : List.of(http1, http2)) {
      String hello = fleet.url("fra", "https", "hello.demo.test");
      assertEquals(503, ask(client, hello + "/fail?status=503").statusCode());
      assertEquals(502, ask(client, hello + "/fail?how=reset").statusCode());
      assertEquals(502, ask(client, hello + "/fail?how=garbage").statusCode());
      assertEquals(200, ask(client, hello + "/").statusCode());
    }
  }

  @Test
  @Order(6)
  void uploadsKeepTheirChecksum() throws Exception {
    String expected = Pattern.sha256(BODY_BYTES) + " " + BODY_BYTES;
    for (HttpClient client : List.of(http1, http2)) {
      for (String host : List.of("hello.demo.test", "echo.demo.test")) {
        HttpRequest upload =
            HttpRequest.newBuilder(URI.create(fleet.url("fra", "https", host) + "/sha256"))
                .POST(BodyPublishers.ofInputStream(() -> new PatternStream(BODY_BYTES)))
                .build();
        HttpResponse<String> response = client.send(upload, BodyHandlers.ofString());
        assertEquals(expected, response.body().strip(), host + " " + client.version());
      }
    }
  }

  @Test
  @Order(7)
  void downloadsKeepTheirChecksum() throws Exception {
    String expected = Pattern.sha256(BODY_BYTES);
    for (HttpClient client : List.of(http1, http2)) {
      for (String host : List.of("hello.demo.test", "echo.demo.test")) {
        String url = fleet.url("iad", "https", host);
        for (String path : List.of("/bytes?n=" + BODY_BYTES, "/stream?bytes=" + BODY_BYTES)) {
          assertEquals(expected, downloaded(client, url + path, BODY_BYTES), host + path);
        }
      }
    }
  }

  /// Sixteen times the direct memory of a proxy, each way, over every protocol on the way.
  @Test
  @Order(7)
  void aGibibyteEachWayKeepsItsChecksum() throws Exception {
    String expected = Pattern.sha256(LARGE_BYTES);
    HttpRequest upload =
        HttpRequest.newBuilder(URI.create(fleet.url("fra", "https", "hello.demo.test") + "/sha256"))
            .POST(BodyPublishers.ofInputStream(() -> new PatternStream(LARGE_BYTES)))
            .build();
    HttpResponse<String> told = http2.send(upload, BodyHandlers.ofString());
    assertEquals(expected + " " + LARGE_BYTES, told.body().strip());
    String url = fleet.url("iad", "https", "echo.demo.test") + "/bytes?n=" + LARGE_BYTES;
    assertEquals(expected, downloaded(http1, url, LARGE_BYTES));
  }

  /// The digest of a body, which has this length.
  private static String downloaded(HttpClient client, String url, long lengthBytes)
      throws Exception {
    HttpRequest download = HttpRequest.newBuilder(URI.create(url)).build();
    HttpResponse<InputStream> response = client.send(download, BodyHandlers.ofInputStream());
    MessageDigest digest = Pattern.newSha256();
    try (InputStream body = new DigestInputStream(response.body(), digest)) {
      assertEquals(lengthBytes, body.transferTo(OutputStream.nullOutputStream()), url);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  @Order(8)
  void webSocketMessagesComeBack() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            answer.complete(text.toString());
            return null;
          }

          @Override
          public void onError(WebSocket socket, Throwable error) {
            answer.completeExceptionally(error);
          }
        };
    String url = fleet.url("iad", "https", "hello.demo.test").replace("https:", "wss:") + "/ws";
    WebSocket socket =
        http1.newWebSocketBuilder().buildAsync(URI.create(url), listener).get(20, TimeUnit.SECONDS);
    socket.sendText("over two proxies", true).get(20, TimeUnit.SECONDS);
    assertEquals("over two proxies", answer.get(20, TimeUnit.SECONDS));
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").get(20, TimeUnit.SECONDS);
  }

  @Test
  @Order(9)
  void everyProxyAnswersItsOperator() throws Exception {
    for (String list : List.of("edges", "workers")) {
      for (JsonNode proxy : fleet.file().path(list)) {
        String socket = proxy.path("admin").asText();
        ChildJvm.Ended status = fleet.proxyctl(socket, "--json", "status");
        assertEquals(0, status.code(), status::said);
        JsonNode told = new JsonMapper().readTree(status.said());
        assertTrue(told.path("ready").asBoolean(), status::said);
        assertEquals(proxy.path("node").asText(), told.path("process").path("node").asText());
        assertEquals(10, told.path("table").path("instances").asInt(), status::said);
      }
    }
    String edge = fleet.find("edges", "region", "fra").path("admin").asText();
    ChildJvm.Ended explained = fleet.proxyctl(edge, "explain", "https://hello.demo.test/");
    assertEquals(0, explained.code(), explained::said);
    assertTrue(explained.said().contains("hello-1"), explained::said);
    ChildJvm.Ended nodes = fleet.proxyctl(edge, "--json", "nodes");
    Map<String, String> beating = new TreeMap<>();
    for (JsonNode node : new JsonMapper().readTree(nodes.said()).path("nodes")) {
      assertTrue(node.path("beat_age_ms").isNumber(), nodes::said);
      beating.put(node.path("id").asText(), node.path("role").asText());
    }
    assertEquals(
        Map.of(
            "edge-fra-1", "edge",
            "edge-iad-1", "edge",
            "wrk-fra-1", "worker",
            "wrk-fra-2", "worker",
            "wrk-iad-1", "worker"),
        beating);
    assertEquals(1, fleet.proxyctl(dir.resolve("none.sock").toString(), "status").code());
  }

  @Test
  @Order(10)
  void anInstanceStoppedInStateGetsNothingMoreWithinASecond() throws Exception {
    String url = fleet.url("fra", "https", "hello.demo.test") + "/";
    fleet.transact("UPDATE instances SET state = 'stopped', gen = gen + 1 WHERE id = 'hello-1'");
    long stoppedNanos = CLOCK.nanos();
    long lastNanos = 0;
    while (CLOCK.nanos() - stoppedNanos < TimeUnit.SECONDS.toNanos(2)) {
      long askedNanos = CLOCK.nanos() - stoppedNanos;
      HttpResponse<String> response = ask(http2, url);
      assertEquals(200, response.statusCode(), response::body);
      if (instance(response).equals("hello-1")) {
        lastNanos = askedNanos;
      }
    }
    assertTrue(lastNanos < TimeUnit.SECONDS.toNanos(1), lastNanos + " ns");
    fleet.transact("UPDATE instances SET state = 'started', gen = gen + 1 WHERE id = 'hello-1'");
  }

  /// One request of the load: when it began, and who answered or what went wrong.
  private record Outcome(long beganNanos, String answer, boolean good) {}

  /// What became of requests while a worker ended.
  private record Ended(long atNanos, List<Outcome> outcomes) {
    List<Outcome> failed() {
      return outcomes.stream().filter(outcome -> !outcome.good()).toList();
    }

    /// Those that began a second later or more.
    List<Outcome> late() {
      return outcomes.stream()
          .filter(outcome -> outcome.beganNanos() - atNanos > TimeUnit.SECONDS.toNanos(1))
          .toList();
    }
  }

  /// Ends a worker under the load of clients that ask one request after the other.
  private static Ended ended(String node, Consumer<ProcessHandle> end, int clients)
      throws Exception {
    Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch warm = new CountDownLatch(clients * 10);
    CountDownLatch after = new CountDownLatch(clients * 50);
    AtomicBoolean gone = new AtomicBoolean();
    long atNanos;
    try (ExecutorService load = Executors.newVirtualThreadPerTaskExecutor()) {
      String url = fleet.url("fra", "https", "hello.demo.test") + "/delay?ms=20";
      for (int i = 0; i < clients; i++) {
        load.submit(() -> {
          while (!stop.get()) {
            outcomes.add(once(url));
            (gone.get() ? after : warm).countDown();
          }
          return null;
        });
      }
      try {
        assertTrue(warm.await(60, TimeUnit.SECONDS));
        ProcessHandle worker = ProcessHandle.of(fleet.supervised().pid(node)).orElseThrow();
        atNanos = CLOCK.nanos();
        end.accept(worker);
        worker.onExit().get(40, TimeUnit.SECONDS);
        gone.set(true);
        assertTrue(after.await(60, TimeUnit.SECONDS));
      } finally {
        stop.set(true); // closing the executor waits for its tasks
      }
    }
    return new Ended(atNanos, List.copyOf(outcomes));
  }

  @Test
  @Order(11)
  void killingAWorkerFailsAtMostWhatWasInFlightAndMovesItsTraffic() throws Exception {
    int clients = 8;
    Ended killed = ended("wrk-fra-1", ProcessHandle::destroyForcibly, clients);

    assertTrue(killed.failed().size() <= clients, () -> killed.failed().toString());
    for (Outcome outcome : killed.late()) {
      assertTrue(outcome.good(), () -> "failed long after the worker was gone: " + outcome);
    }
    assertFalse(killed.late().isEmpty());
    // The other app lost its only instance in this region: the other region answers until the
    // supervisor has started the worker again.
    HttpResponse<String> echo = ask(http2, fleet.url("fra", "https", "echo.demo.test") + "/");
    assertEquals(200, echo.statusCode(), echo::body);
    assertEquals(1, fleet.supervised().service("wrk-fra-1", Duration.ofSeconds(10)).restarts());
  }

  @Test
  @Order(12)
  void stoppingAWorkerInOrderFailsNothing() throws Exception {
    Ended stopped = ended("wrk-fra-2", _ -> stop("wrk-fra-2"), 8);

    assertEquals(List.of(), stopped.failed());
    assertFalse(stopped.late().isEmpty());
    for (Outcome outcome : stopped.late()) {
      assertNotEquals("hello-2", outcome.answer());
    }
  }

  private static void stop(String service) {
    try {
      fleet.supervised().command("stop", service);
    } catch (FleetFault e) {
      throw new IllegalStateException(e);
    }
  }

  private static Outcome once(String url) throws InterruptedException {
    long beganNanos = CLOCK.nanos();
    try {
      HttpResponse<String> response = http2.send(request(url).build(), BodyHandlers.ofString());
      boolean good = response.statusCode() == 200;
      return new Outcome(
          beganNanos, good ? instance(response) : "status " + response.statusCode(), good);
    } catch (java.io.IOException e) {
      return new Outcome(beganNanos, e.toString(), false);
    }
  }

  @Test
  @Order(13)
  void nothingLeakedAndNothingWarned() throws Exception {
    assertEquals(List.of(), fleet.logged("LEAK:"));
    assertEquals(List.of(), fleet.logged("WARNING:")); // how the JVM warns
  }

  @Test
  @Order(14)
  void stoppingTheDemoEndsEveryProcess() throws Exception {
    List<Long> pids = fleet.pids();
    fleet.stop();
    assertFalse(fleet.running());
    for (long pid : pids) {
      assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), "pid " + pid);
    }
  }
}
