package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.routing.model.AppId;
import anycast.routing.model.Hostname;
import io.netty.util.AsciiString;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Requests over HTTP/2 and TLS through a real edge.
@Timeout(60)
class EdgeHttp2Test {
  private EdgeFixture fixture;
  private H2Client client;

  @BeforeEach
  void start() throws Exception {
    fixture = new EdgeFixture();
    client = new H2Client(fixture, "a.test");
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    fixture.close();
  }

  @Test
  void passesARequestWithTheEdgesWordAndItsAnswerBack() throws Exception {
    var response = client.get("GET", "a.test", "/x?y=z", "x-forwarded-for", "6.6.6.6");
    assertEquals(200, response.status());
    String seen = response.body();
    assertTrue(seen.startsWith("GET /x?y=z\nauthority: a.test\ninstance: hello-1\n"), seen);
    assertTrue(seen.contains("x-forwarded-for: 127.0.0.1, 127.0.0.1\n"), seen);
    assertTrue(seen.contains("via: 2 anycast\n"), seen);
    assertTrue(seen.contains("fly-region: fra\n"), seen);
    assertFalse(seen.contains("6.6.6.6"), seen);
    String id = response.field("fly-request-id");
    assertTrue(id.matches("[0-9A-Z]{26}-fra"), id);
    assertTrue(seen.contains("fly-request-id: " + id + "\n"), seen);
    assertEquals("2 anycast", response.field("via"));
    assertEquals("anycast", response.field("server"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET,x.wild.test,/,421,PH21",
    "GET,unrouted.test,/,404,PH20",
    "TRACE,a.test,/,405,PH06",
    "GET,idle.test,/,503,PR01",
  })
  void refusesByItself(String method, String authority, String path, int status, String code)
      throws Exception {
    var response = client.get(method, authority, path);
    assertEquals(status, response.status());
    assertTrue(response.field("proxy-status").contains(code));
    assertTrue(response.body().startsWith(code), response.body());
    assertEquals(Integer.toString(response.body().length()), response.field("content-length"));
  }

  @ParameterizedTest
  @EnumSource
  void answersEachFaultWithItsStatusAndCode(FaultKind kind) throws Exception {
    var response = client.get("GET", "a.test", "/fault/" + kind);
    assertEquals(kind.status(), response.status());
    assertTrue(response.field("proxy-status").contains(kind.code()));
    assertTrue(response.body().startsWith(kind.code()));
  }

  @Test
  void resetsWhereTheFaultComesAfterTheHead() throws Exception {
    var response = client.get("GET", "a.test", "/late/APP_RESET");
    assertEquals(200, response.status());
    assertEquals(FaultKind.APP_RESET.reset(), response.reset.get(20, TimeUnit.SECONDS));
  }

  @Test
  void answersHeadWithoutBody() throws Exception {
    assertEquals("", client.get("HEAD", "a.test", "/").body());
    assertEquals("", client.get("HEAD", "unrouted.test", "/").body());
  }

  @Test
  void passesBodiesAndTrailers() throws Exception {
    var upload = client.post("a.test", "/");
    upload.send(300_000, false);
    upload.send(1, true);
    assertTrue(upload.body().endsWith("body: 300001\n"));
    var response = client.get("GET", "a.test", "/trailers");
    assertEquals(
        "42", response.trailers.get(20, TimeUnit.SECONDS).text(AsciiString.of("x-checksum")));
    assertEquals(5_000_000, client.get("GET", "a.test", "/big/5000000").body().length());
  }

  @Test
  void tellsTheClientToStopAnUploadThatIsNotWanted() throws Exception {
    var upload = client.post("unrouted.test", "/");
    upload.send(10_000, false);
    assertEquals(404, upload.status());
    assertTrue(upload.body().startsWith("PH20"));
    assertEquals(0, upload.reset.get(20, TimeUnit.SECONDS));
  }

  @Test
  void cancelsTheWorkBehindAClientThatResets() throws Exception {
    var waiting = client.get("GET", "a.test", "/wait");
    awaitSeen(1);
    waiting.cancel();
    assertEquals(FaultKind.CLIENT_GONE, awaitCancelled().kind());
  }

  @Test
  void cancelsTheWorkBehindAClientThatLeaves() throws Exception {
    client.get("GET", "a.test", "/wait");
    awaitSeen(1);
    client.close();
    assertEquals(FaultKind.CLIENT_GONE, awaitCancelled().kind());
    client = new H2Client(fixture, "a.test");
  }

  @Test
  void drainsWithGoAwayAfterWhatIsUnderWay() throws Exception {
    var upload = client.post("a.test", "/");
    awaitSeen(1);
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> {
          try {
            return fixture.edge.drain(Duration.ofSeconds(20));
          } catch (InterruptedException e) {
            return false;
          }
        });
    assertEquals(0, client.goAway.get(20, TimeUnit.SECONDS));
    upload.send(10, true);
    assertTrue(upload.body().endsWith("body: 10\n"));
    assertTrue(drained.get(20, TimeUnit.SECONDS));
    assertTrue(client.closed.get(20, TimeUnit.SECONDS));
  }

  @Test
  void servesTheJdksClient() throws Exception {
    fixture.putCertificate(1, "localhost");
    fixture.put(new Hostname("localhost", new AppId("hello"), 1));
    try (HttpClient jdk =
        HttpClient.newBuilder()
            .sslContext(fixture.clientContext("TLS"))
            .version(HttpClient.Version.HTTP_2)
            .build()) {
      HttpResponse<String> response =
          jdk.send(
              HttpRequest.newBuilder(
                      URI.create("https://localhost:" + fixture.httpsPort() + "/jdk"))
                  .POST(HttpRequest.BodyPublishers.ofString("x".repeat(200_000)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(HttpClient.Version.HTTP_2, response.version());
      assertEquals(200, response.statusCode());
      assertTrue(response.body().endsWith("body: 200000\n"));
    }
  }

  private void awaitSeen(int requests) {
    long end = System.nanoTime() + EdgeFixture.PATIENCE.toNanos();
    while (fixture.connector.seen.size() < requests && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(requests, fixture.connector.seen.size());
  }

  private Fault awaitCancelled() {
    long end = System.nanoTime() + EdgeFixture.PATIENCE.toNanos();
    while (fixture.connector.cancelled.isEmpty() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return fixture.connector.cancelled.remove();
  }
}
