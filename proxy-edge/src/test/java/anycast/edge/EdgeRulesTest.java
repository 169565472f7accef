package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.document.DocumentReader;
import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.VirtualService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Virtual services on the wire of a real edge.
@Timeout(60)
class EdgeRulesTest {
  private static final String DOCUMENT =
      """
      hosts: [v.test]
      rules:
        - match: { path: /api }
          to: [ { selector: app=hello } ]
          rewrite: { prefix: /v2 }
          headers:
            request: { set: { x-env: prod } }
            response: { set: { x-frame-options: DENY }, remove: [content-type] }
        - match: { path: /old }
          redirect: { status: 308, prefix: /new }
        - match: { path: /db, methods: [POST] }
          to: [ { selector: role=primary } ]
          wait: 30s
        - match: { path: /none }
          to: [ { selector: role=nobody } ]
      """;

  private EdgeFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new EdgeFixture();
    fixture.put(new VirtualService("v", DOCUMENT, 1, DocumentReader.rules(DOCUMENT)));
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  @Test
  void rewritesAndEditsOnTheWire() throws Exception {
    String answer = get("/x/../api//u?q=1", "X-Env: mine");
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    assertTrue(answer.contains("GET /v2/u?q=1\n"), answer);
    assertTrue(answer.contains("x-env: prod\n"), answer);
    assertFalse(answer.contains("x-env: mine"), answer);
    assertTrue(answer.contains("x-frame-options: DENY\r\n"), answer);
    assertFalse(answer.contains("content-type:"), answer);
  }

  @Test
  void redirectsOnTheWire() throws Exception {
    String answer = get("/old/x?y", "");
    assertTrue(answer.startsWith("HTTP/1.1 308 "), answer);
    assertTrue(answer.contains("location: http://v.test/new/x?y\r\n"), answer);
    assertTrue(answer.contains("fly-request-id: "), answer);
    assertTrue(fixture.connector.seen.isEmpty());
  }

  @Test
  void refusesWithCodeAndTimeToComeBack() throws Exception {
    String none = get("/none", "");
    assertTrue(none.startsWith("HTTP/1.1 503 ") && none.contains("PH29"), none);
    assertTrue(Pattern.compile("retry-after: [123]\r\n").matcher(none).find(), none);
    String path = get("/api;x", "");
    assertTrue(path.startsWith("HTTP/1.1 400 ") && path.contains("PH13"), path);
    String rule = get("/other", "");
    assertTrue(rule.startsWith("HTTP/1.1 404 ") && rule.contains("PH28"), rule);
    String wish = get("/api", "Fly-Force-Region: nrt");
    assertTrue(wish.startsWith("HTTP/1.1 503 ") && wish.contains("PR07"), wish);
    assertTrue(fixture.connector.seen.isEmpty());
  }

  @Test
  void aWriteWaitsUntilThePrimaryIsThere() throws Exception {
    CompletableFuture<String> answer =
        CompletableFuture.supplyAsync(
            () -> exchange("POST /db HTTP/1.1\r\nHost: v.test\r\nContent-Length: 3\r\n", "abc"));
    fixture.put(
        new Instance(
            new InstanceId("db-1"),
            new AppId("hello"),
            new NodeId("wrk-fra-1"),
            new RegionCode("fra"),
            "127.0.0.1",
            9105,
            Instance.State.STARTED,
            Map.of("role", "primary"),
            1));
    String text = answer.get(30, TimeUnit.SECONDS);
    assertTrue(text.startsWith("HTTP/1.1 200 "), text);
    assertTrue(text.contains("instance: db-1\n"), text);
    assertTrue(text.contains("body: 3\n"), text);
  }

  @Test
  void aFaultInPlanningCostsThatRequestOnly() throws Exception {
    String document =
        """
        hosts: [bad.test]
        rules: [ { to: [ { selector: app=hello } ] } ]
        fault: { kind: throw, at: request }
        """;
    fixture.put(new VirtualService("bad", document, 1, DocumentReader.rules(document, true)));
    String answers =
        exchange(
            "GET / HTTP/1.1\r\nHost: bad.test\r\n\r\nGET /api HTTP/1.1\r\nHost: v.test\r\n", "");
    assertTrue(answers.startsWith("HTTP/1.1 500 ") && answers.contains("PH30"), answers);
    assertTrue(answers.contains("proxy_internal_error"), answers);
    assertTrue(answers.contains("HTTP/1.1 200 "), answers);
  }

  @Test
  void aClientKeepsTheCookieThatItGot() throws Exception {
    fixture.put(sticky());
    Matcher cookie =
        Pattern.compile("set-cookie: (sid=[^;]+); Path=/; HttpOnly; SameSite=Lax\r\n")
            .matcher(get("/api", ""));
    assertTrue(cookie.find());
    String first = fixture.connector.seen.remove().lines().toList().get(2);
    for (int i = 0; i < 10; i++) {
      String again = get("/api", "Cookie: " + cookie.group(1));
      assertFalse(again.contains("set-cookie"), again);
      assertEquals(first, fixture.connector.seen.remove().lines().toList().get(2));
    }
  }

  private static Service sticky() {
    ServicePolicy usual = ServicePolicy.USUAL;
    ServicePolicy.Affinity cookie =
        new ServicePolicy.Affinity(ServicePolicy.Affinity.Kind.COOKIE, "sid");
    return new Service(
        new AppId("hello"),
        "web",
        List.of(80, 443),
        8080,
        Service.AppProtocol.HTTP1,
        false,
        0,
        0,
        2,
        new ServicePolicy(
            usual.concurrency(),
            usual.spill(),
            new ServicePolicy.Balance(0, 0, cookie, usual.balance().outlier()),
            usual.queue(),
            usual.retry(),
            usual.hedge(),
            usual.timeouts(),
            List.of()));
  }

  private String get(String path, String field) {
    String line = field.isEmpty() ? "" : field + "\r\n";
    return exchange("GET " + path + " HTTP/1.1\r\nHost: v.test\r\n" + line, "");
  }

  private String exchange(String head, String body) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), fixture.httpPort())) {
      socket.setSoTimeout(40_000);
      String request = head + "Connection: close\r\n\r\n" + body;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      in.transferTo(answer);
      return answer.toString(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
