package anycast.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.demo.FleetProcess;
import anycast.demo.Probe;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Virtual services in the whole system: real processes, and the commands that the demo prints.
///
/// In order, because the last one breaks the fleet.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(240)
final class ShopTest {
  /// The standard deviation of a share of 5 % is a quarter of a percent then.
  private static final int CANARY_REQUESTS = 8_000;

  private static final int AT_ONCE = 32;

  private static final String SHOP = "shop.demo.test";

  @TempDir private static Path dir;

  private static FleetProcess fleet;
  private static HttpClient client;
  private static Operator operator;

  private static final ByteArrayOutputStream SAID = new ByteArrayOutputStream();

  @BeforeAll
  static void start() throws Exception {
    fleet = FleetProcess.start(dir);
    operator =
        new Operator(dir, new PrintStream(SAID, true, StandardCharsets.UTF_8), Ticker.system());
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(Probe.trusting(operator.ca()))
            .connectTimeout(Duration.ofSeconds(20))
            .build();
  }

  @AfterAll
  static void stop() throws Exception {
    if (fleet != null) {
      if (client != null) {
        client.shutdownNow();
        operator.close();
      }
      fleet.stop();
    }
  }

  private static HttpRequest.Builder request(String path) {
    String https = operator.edges().getFirst().https();
    return HttpRequest.newBuilder(
            URI.create("https://" + SHOP + https.substring(https.lastIndexOf(':')) + path))
        .timeout(Duration.ofSeconds(30));
  }

  private static HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String instance(HttpResponse<?> response) {
    return response.headers().firstValue("x-instance").orElse("none");
  }

  private static String run(String command) throws IOException, InterruptedException {
    Process shell = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
    shell.getOutputStream().close();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(shell.waitFor(60, TimeUnit.SECONDS), command);
    return said;
  }

  /// Runs a command as the demo prints it.
  private static String demo(String name) throws IOException, InterruptedException {
    String command = fleet.file().path("commands").path(name).asText();
    assertFalse(command.isEmpty(), name);
    return run(command);
  }

  private static void tool(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--state", operator.stateUrl()));
    assertEquals(0, operator.proxyctl(all.toArray(String[]::new)), SAID::toString);
  }

  @ParameterizedTest
  @Order(1)
  @CsvSource(
      delimiter = '|',
      value = {
        "hello over HTTP/2 | instance hello-\\d of app hello",
        "hello over HTTP/1.1 | instance hello-\\d of app hello",
        "hello from iad | instance hello-\\d of app hello",
        "wildcard | instance wild-1 of app wild",
        "echo | say this",
        "app that fails | HTTP/2 502",
        "redirect to https | HTTP/1.1 301",
        "write | instance shop-1 .*POST /api/orders",
        "read | instance shop-[234] .*GET /api/orders",
        "template | instance shop-[13] .*GET /users/42",
        "rewrite | instance shop-[234] .*GET /api/orders\\?page=2\\s+host: shop.internal",
        "redirect | HTTP/2 308.*location: https://shop.demo.test/new/page\\?q=1",
        "mirror | instance shop-1 ",
        "headers | x-served-by: shop.*vary: x-shop(?!.*x-debug).*x-shop: open",
        "beta by header | instance shop-4 ",
        "beta by cookie | instance shop-4 ",
        "timeout | HTTP/2 504.*PU08",
        "retry | HTTP/2 200.*instance shop-3 ",
        "one path | HTTP/2 200.*GET /users/42",
        "doubtful path | HTTP/2 400.*PH13",
        "labels alone | instance shop-[23] ",
        "affinity | \\s*10 shop-\\d\\s*",
        "prefer an instance | instance shop-3 ",
        "force an instance | instance shop-3 ",
        "prefer a region | instance shop-3 "
      })
  void everyCommandOfTheDemoDoesWhatItIsFor(String name, String pattern) throws Exception {
    String said = demo(name);
    assertTrue(
        java.util.regex.Pattern.compile(pattern, java.util.regex.Pattern.DOTALL)
            .matcher(said)
            .find(),
        () -> pattern + " is not in:\n" + said);
  }

  @Test
  @Order(2)
  void aMirroredRequestReachesTheCanaryToo() throws Exception {
    long before = requests("shop-4");
    demo("mirror");
    operator.await("the copy arrives", () -> requests("shop-4") > before);
  }

  private static long requests(String instance) throws IOException {
    try {
      String told =
          run(
              "curl -sS http://%s/control"
                  .formatted(operator.instance(instance).path("address").asText()));
      return new JsonMapper().readTree(told).path("requests").asLong();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  @Order(3)
  void aCanaryAtFivePercentGetsFivePercent() throws Exception {
    assertTrue(demo("canary").contains("shop-"));
    LongAdder canary = new LongAdder();
    LongAdder failed = new LongAdder();
    Semaphore atOnce = new Semaphore(AT_ONCE);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < CANARY_REQUESTS; i++) {
      atOnce.acquire();
      all.add(
          client
              .sendAsync(request("/?" + i).build(), BodyHandlers.discarding())
              .whenComplete((response, fault) -> {
                atOnce.release();
                if (fault != null || response.statusCode() != 200) {
                  failed.increment();
                } else if (instance(response).equals("shop-4")) {
                  canary.increment();
                }
              }));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(120, TimeUnit.SECONDS);
    assertEquals(0, failed.sum());
    double percent = 100.0 * canary.sum() / CANARY_REQUESTS;
    assertEquals(5.0, percent, 1.0);
  }

  @Test
  @Order(4)
  void writesWaitForThePrimaryAndNeverGoToAReplica() throws Exception {
    tool("cordon", "shop-1", "--reason", "test");
    HttpRequest.Builder write = request("/api/orders").POST(BodyPublishers.ofString("order=1"));
    operator.await(
        "the edge knows",
        () -> {
          try {
            return ask(write).statusCode() == 503;
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
    HttpResponse<String> refused = ask(write);
    assertEquals(503, refused.statusCode(), refused::body);
    assertEquals("none", instance(refused));
    assertTrue(refused.headers().firstValue("retry-after").isPresent(), refused::toString);
    HttpResponse<String> read = ask(request("/api/orders"));
    assertEquals(200, read.statusCode(), read::body);
    assertFalse(instance(read).equals("shop-1"));

    tool("uncordon", "shop-1");
    operator.await(
        "the primary is back",
        () -> {
          try {
            HttpResponse<String> waited = ask(write);
            assertTrue(List.of("none", "shop-1").contains(instance(waited)), waited::body);
            return waited.statusCode() == 200;
          } catch (IOException e) {
            throw e;
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
  }

  @Test
  @Order(5)
  void whatIsMoreThanAnInstanceTakesWaitsAndIsThenRefused() throws Exception {
    // two are taken, two wait for a second in vain, the others are refused at once
    String said = demo("full");
    assertTrue(said.contains("2 200"), said);
    // those who are refused together are told to come back apart: one line for each time
    int refused = 0;
    Matcher line = java.util.regex.Pattern.compile("(\\d) 503 [1-9]").matcher(said);
    while (line.find()) {
      refused += Integer.parseInt(line.group(1));
    }
    assertEquals(6, refused, said);
  }

  @Test
  @Order(6)
  void theToolShowsReviewsAndChangesVirtualServices() throws Exception {
    Path document = dir.resolve("shop.yaml");
    assertEquals(0, operator.proxyctl("vs", "validate", document.toString()), SAID::toString);
    tool("vs", "apply", document.toString(), "--dry-run");
    tool("vs", "history", "shop");
    String said = SAID.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("shop is good"), said);
    assertTrue(said.contains("nothing to change"), said);
    for (Operator.Edge edge : operator.edges()) {
      operator.ask(List.of(edge), "explain", "https://" + SHOP + "/users/42");
      operator.ask(List.of(edge), "routes", "shop");
      operator.ask(List.of(edge), "instances", "--app", "shop");
      operator.ask(List.of(edge), "status");
    }
    String shown = SAID.toString(StandardCharsets.UTF_8);
    assertTrue(shown.contains("users"), shown);
  }

  @Test
  @Order(7)
  void whoFailsLagsOrIsSwitchedOutIsLeftAlone() throws Exception {
    demo("shop-2 fails its check");
    awaitStanding("failing");
    demo("shop-2 lags");
    awaitStanding("lagging");
    demo("shop-2 is well");
    awaitStanding("ready");
    tool("switch", "--from", "shop-2", "--to", "shop-4");
    awaitStanding("cordoned");
    tool("switch", "--from", "shop-4", "--to", "shop-2");
    awaitStanding("ready");
    tool("uncordon", "shop-4");
  }

  /// Of shop-2, on each edge.
  private static void awaitStanding(String wanted) throws Exception {
    for (Operator.Edge edge : operator.edges()) {
      operator.await(
          "shop-2 is " + wanted,
          () ->
              anycast.demo.Health.ask(edge.socket(), "/instances")
                  .path("instances")
                  .valueStream()
                  .anyMatch(row ->
                      row.path("id").asText().equals("shop-2")
                          && row.path("standing").asText().equals(wanted)));
    }
  }

  @Test
  @Order(8)
  void noRequestFailsWhileAnotherInstanceIsWell() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = Drill.healthy(dir, Duration.ofSeconds(1), 4, out);
    String said = bytes.toString(StandardCharsets.UTF_8);
    assertEquals(0, code, said);
    assertTrue(said.contains("VERDICT: none of "), said);
  }

  @Test
  @Order(9)
  void everyEdgeCountsItsVirtualServices() throws Exception {
    for (Operator.Edge edge : operator.edges()) {
      JsonNode table = anycast.demo.Health.ask(edge.socket(), "/status").path("table");
      assertEquals(1, table.path("virtual_services").asInt(), table::toString);
    }
  }
}
