package anycast.backhaul.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.worker.RawApp;
import anycast.routing.model.HealthCheck;
import anycast.routing.model.HealthCheck.Http;
import anycast.routing.model.HealthCheck.Lag;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One check, once, against real sockets.
@Timeout(60)
class ProbeTest {
  private static final long TIMEOUT = TimeUnit.SECONDS.toNanos(30);
  private static final Http PLAIN =
      new Http("GET", "/health", Map.of(), false, "", true, Set.of(), null);

  private static CheckResult probe(int port, Http http) {
    return probe(port, http, TIMEOUT);
  }

  private static CheckResult probe(int port, Http http, long timeoutNanos) {
    HealthCheck check = new HealthCheck(0, http, 1, timeoutNanos, 0, 1, 1);
    return new Probe(new Aim("web", check, "127.0.0.1", port)).run();
  }

  private static String failure(CheckResult result) {
    return assertInstanceOf(CheckResult.Failed.class, result).why();
  }

  private static CheckResult answered(String response, Http http) throws Exception {
    try (RawApp app =
        RawApp.start(connection -> {
          connection.readHead();
          connection.write(response);
        })) {
      return probe(app.port(), http);
    }
  }

  private static int closedPort() throws Exception {
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return closed.getLocalPort();
    }
  }

  @Test
  void aConnectionIsEnoughForTcp() throws Exception {
    assertEquals("connection refused", failure(probe(closedPort(), null)));
    try (RawApp app = RawApp.start(connection -> connection.readHead())) {
      assertEquals(new CheckResult.Passed(), probe(app.port(), null));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200 OK|Content-Length: 0||, ''",
    "HTTP/1.1 204 No Content||, ''",
    "HTTP/1.1 100 Continue||HTTP/1.1 200 OK|Content-Length: 0||, ''",
    "HTTP/1.1 500 Broken|Content-Length: 0||, status 500",
    "HTTP/1.1 404 Not Found|Content-Length: 0||, status 404",
    "'HTTP/1.1 302 Found|Location: /elsewhere|Content-Length: 0||', 'status 302, a redirect'",
    "SSH-2.0-OpenSSH|, answered not in HTTP: status line is not HTTP/1",
    "'', closed before it answered",
    "HTTP/1.1 200, closed before it answered"
  })
  void theStatusDecides(String response, String why) throws Exception {
    CheckResult result = answered(response.replace("|", "\r\n"), PLAIN);

    assertEquals(why.isEmpty() ? new CheckResult.Passed() : new CheckResult.Failed(why), result);
  }

  @Test
  void statusesThatAreNamedAreTheOnlyGoodOnes() throws Exception {
    Http teapot = new Http("GET", "/", Map.of(), false, "", true, Set.of(418), null);
    String answer = "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n";

    assertEquals(new CheckResult.Passed(), answered(answer.formatted("418 Teapot"), teapot));
    assertEquals("status 200", failure(answered(answer.formatted("200 OK"), teapot)));
  }

  @Test
  void theRequestIsAsTheCheckSays() throws Exception {
    Http http =
        new Http("HEAD", "/up?x=1", Map.of("X-Check", "yes"), false, "", true, Set.of(), null);
    try (RawApp app =
        RawApp.start(connection -> {
          connection.readHead();
          connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        })) {
      assertEquals(new CheckResult.Passed(), probe(app.port(), http));

      String head = app.requests.getFirst();
      assertTrue(head.startsWith("HEAD /up?x=1 HTTP/1.1\r\n"), head);
      assertTrue(head.contains("X-Check: yes\r\n"), head);
      assertTrue(head.contains("Host: 127.0.0.1:" + app.port() + "\r\n"), head);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a b", "/a\r\nX: y", "nothing", "/\u0000"})
  void aPathThatIsMoreThanOneIsNotSent(String path) throws Exception {
    Http http = new Http("GET", path, Map.of(), false, "", true, Set.of(), null);
    assertEquals(
        "its request would be malformed",
        failure(answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", http)));
  }

  @Test
  void aHeaderThatIsMoreThanOneIsNotSent() throws Exception {
    for (Map<String, String> headers :
        List.of(Map.of("X", "a\r\nY: b"), Map.of("X Y", "a"), Map.of("Content-Length", "5"))) {
      Http http = new Http("GET", "/", headers, false, "", true, Set.of(), null);
      assertEquals(
          "its request would be malformed",
          failure(answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", http)));
    }
  }

  @Test
  void whoIsSilentFailsInTime() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (RawApp app = RawApp.start(connection -> over.await())) {
      assertEquals(
          "no answer in time",
          failure(probe(app.port(), PLAIN, TimeUnit.MILLISECONDS.toNanos(50))));
      over.countDown();
    }
  }

  @Test
  void whoDripsIsCutOffFromOutside() throws Exception {
    CountDownLatch dripping = new CountDownLatch(1);
    try (RawApp app =
        RawApp.start(connection -> {
          connection.readHead();
          connection.write("HTTP/1.1 200 OK\r\nX: ");
          dripping.countDown();
          while (connection.in.read() >= 0) {
            connection.write("y");
          }
        })) {
      HealthCheck check = new HealthCheck(0, PLAIN, 1, TIMEOUT, 0, 1, 1);
      Probe probe = new Probe(new Aim("web", check, "127.0.0.1", app.port()));
      CompletableFuture<CheckResult> result = CompletableFuture.supplyAsync(probe::run);
      assertTrue(dripping.await(30, TimeUnit.SECONDS));

      probe.abort();

      assertInstanceOf(CheckResult.Failed.class, result.get(30, TimeUnit.SECONDS));
    }
  }

  private static Http lag(String header, String... field) {
    Lag lag = new Lag(header, List.of(field), 10);
    return new Http("GET", "/lag", Map.of(), false, "", true, Set.of(), lag);
  }

  @ParameterizedTest
  @CsvSource({"0,P", "10,P", "9.99,P", "10.01,L", "1e3,L", "x,F", "NaN,F", "'',F", "-1,P"})
  void aLagInAHeaderIsHeldAgainstItsBound(String value, char wanted) throws Exception {
    String answer = "HTTP/1.1 200 OK\r\nX-Lag: " + value + "\r\nContent-Length: 0\r\n\r\n";
    assertKind(wanted, answered(answer, lag("X-Lag")));
  }

  private static void assertKind(char wanted, CheckResult result) {
    char kind =
        switch (result) {
          case CheckResult.Passed() -> 'P';
          case CheckResult.Failed(String _) -> 'F';
          case CheckResult.Lagging(String _) -> 'L';
        };
    assertEquals(wanted, kind, result::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"replication":{"lag":3}}    | P
          {"replication":{"lag":"3"}}  | P
          {"replication":{"lag":30}}   | L
          {"replication":{"lag":null}} | F
          {"replication":{"lag":[]}}   | F
          {"replication":3}            | F
          {"lag":3}                    | F
          {"replication":{"lag":1e999}}| F
          []                           | F
          nothing                      | F
          """)
  void aLagInJsonIsHeldAgainstItsBound(String body, char wanted) throws Exception {
    Http http = lag("", "replication", "lag");
    String sized = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    String chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + Integer.toHexString(body.length())
            + "\r\n"
            + body
            + "\r\n0\r\n\r\n";
    String closed = "HTTP/1.1 200 OK\r\n\r\n" + body;

    assertKind(wanted, answered(sized, http));
    assertKind(wanted, answered(chunked, http));
    assertKind(wanted, answered(closed, http));
  }

  @Test
  void aBodyWithoutEndIsNotReadToItsEnd() throws Exception {
    try (RawApp app =
        RawApp.start(connection -> {
          connection.readHead();
          connection.write("HTTP/1.1 200 OK\r\n\r\n");
          while (true) {
            connection.write(" ".repeat(1000));
          }
        })) {
      String why = failure(probe(app.port(), lag("", "lag")));
      assertTrue(why.startsWith("body is longer than"), why);
    }
  }

  @Test
  void aBodyThatIsCutFails() throws Exception {
    String cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"lag\":1}";
    assertEquals("closed in the middle of its body", failure(answered(cut, lag("", "lag"))));
  }

  @Test
  void tlsIsVerifiedUnlessTheCheckSaysOtherwise(@TempDir Path directory) throws Exception {
    PrivateCa ca = PrivateCa.init(directory.resolve("ca"), InstantSource.system());
    PrivateCa.Issued issued = ca.issueServer(List.of("app.example"), Duration.ofDays(1));
    JdkSslContext context =
        (JdkSslContext)
            SslContextBuilder.forServer(stream(issued.certificate()), stream(issued.key()))
                .sslProvider(SslProvider.JDK)
                .build();
    LinkedBlockingQueue<String> names = new LinkedBlockingQueue<>();
    try (RawApp app =
        RawApp.start(connection -> {
          SSLSocket tls =
              (SSLSocket)
                  context
                      .context()
                      .getSocketFactory()
                      .createSocket(connection.socket, "127.0.0.1", 1, true);
          tls.setUseClientMode(false);
          tls.startHandshake();
          ExtendedSSLSession session = (ExtendedSSLSession) tls.getSession();
          names.add(session.getRequestedServerNames().toString());
          tls.getInputStream().read();
          tls.getOutputStream()
              .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
          tls.close();
        })) {
      Http skipping = new Http("GET", "/", Map.of(), true, "app.example", false, Set.of(), null);
      assertEquals(new CheckResult.Passed(), probe(app.port(), skipping));
      assertTrue(names.poll(30, TimeUnit.SECONDS).contains("app.example"));

      Http verifying = new Http("GET", "/", Map.of(), true, "app.example", true, Set.of(), null);
      String why = failure(probe(app.port(), verifying));
      assertTrue(why.startsWith("TLS failed: "), why);
    }
  }

  private static ByteArrayInputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }
}
