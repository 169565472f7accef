package anycast.edge.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.h1.Bytes;
import anycast.backhaul.h1.RefusedRequests;
import anycast.backhaul.runtime.Counter;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http1ConnectionTest {
  private static final String H = "Host: a.test␤";
  private static final String NX = "GET /smug HTTP/1.1␤Host: x␤␤";
  private static final String OK = "HTTP/1.1 200 OK␤content-length: 2␤␤ok";
  private static final String OK_CLOSE = "HTTP/1.1 200 OK␤content-length: 2␤connection: close␤␤ok";
  private static final String WS =
      "GET /ws HTTP/1.1␤"
          + H
          + "Upgrade: websocket␤Connection: Upgrade␤Sec-WebSocket-Version: 13␤"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==␤␤";

  private Stage stage;

  @BeforeAll
  void open() {
    stage = newStage();
  }

  Stage newStage() {
    return new Stage(NioIoHandler.newFactory(), NioServerSocketChannel.class);
  }

  @AfterAll
  void close() {
    stage.close();
  }

  @AfterEach
  void nothingMoreReachedTheApp() {
    assertNull(stage.app.seen.poll(), "more than expected");
    stage.app.attempts.clear();
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1␤" + H + "␤";
  }

  static Stream<RefusedRequests.Row> refused() {
    return RefusedRequests.rows();
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesAndClosesSoThatNothingBehindReachesAnApp(RefusedRequests.Row row) throws Exception {
    for (String input : row.inputs()) {
      try (Stage.Client client = stage.client()) {
        String answer = client.sendAnyway(input + NX).rest();
        String statusLine = "HTTP/1.1 " + row.kind().status() + " ";
        assertTrue(answer.startsWith(statusLine), () -> row.id() + " " + input + ": " + answer);
        assertTrue(answer.contains("connection: close␤"), answer);
        assertEquals(answer.lastIndexOf("HTTP/1.1"), 0, "one answer only");
        assertTrue(stage.app.seen.isEmpty(), () -> row.id() + " " + input);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2;\nxx␤0␤␤",
        "2;\rxx␤ab␤0␤␤",
        "5\nhello␤0␤␤",
        "5␤hello\n0␤␤",
        "5␤helloXX0␤␤",
        "100000005␤hello␤0␤␤",
        "10000000000000005␤hello␤0␤␤",
        "\u00b95␤hello␤0␤␤",
        "0␤X T: 5␤␤",
        "0␤X: 5\n␤"
      })
  void malformedChunksEndTheRequestAndTheConnection(String body) throws Exception {
    try (Stage.Client client = stage.client()) {
      String answer =
          client
              .sendAnyway("POST / HTTP/1.1␤" + H + "Transfer-Encoding: chunked␤␤" + body + NX)
              .rest();
      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
      assertEquals("cancel / BAD_REQUEST", stage.seen());
    }
  }

  @Test
  void saysWhichUpgradeItServes() throws Exception {
    try (Stage.Client client = stage.client()) {
      String answer = client.send(WS.replace("13", "777") + NX).rest();
      assertTrue(answer.startsWith("HTTP/1.1 426 "), answer);
      assertTrue(answer.contains("sec-websocket-version: 13␤"), answer);
      assertTrue(answer.contains("upgrade: websocket␤"), answer);
    }
  }

  @Test
  void servesPipelinedRequestsInOrderOnOneConnection() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send(
          "POST /1 HTTP/1.1␤"
              + H
              + "Transfer-Encoding: chunked␤␤5;a=b␤hello␤0␤␤"
              + "GET /2 HTTP/1.1␤"
              + H
              + "Content-Length: 5␤␤abcde"
              + get("/empty")
              + "GET /4 HTTP/1.1␤Host: b.test␤Connection: close␤␤"
              + NX);
      assertEquals(OK + OK + "HTTP/1.1 204 No Content␤␤" + OK_CLOSE, client.rest());
      assertEquals("POST a.test/1  hello", stage.seen());
      assertEquals("GET a.test/2 content-length: 5 abcde", stage.seen());
      assertEquals("GET a.test/empty ", stage.seen());
      assertEquals("GET b.test/4 ", stage.seen());
    }
  }

  @Test
  void oneByteAtATimeIsTheSameRequest() throws Exception {
    try (Stage.Client client = stage.client()) {
      String raw =
          Bytes.raw("POST /1 HTTP/1.1␤" + H + "Transfer-Encoding: chunked␤␤2␤he␤1␤y␤0␤X-T: 1␤␤");
      for (char c : raw.toCharArray()) {
        client.send(String.valueOf(c));
      }
      assertEquals(OK, client.read(Bytes.raw(OK).length()));
      assertEquals("POST a.test/1  hey trailers x-t: 1", stage.seen());
    }
  }

  @Test
  void tellsTheAppNothingHopByHop() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send(
          "GET http://b.test/x HTTP/1.1␤"
              + H
              + "Connection: X-Foo, close␤X-Foo: 1␤Keep-Alive: 2␤TE: gzip␤Proxy-Connection: x␤"
              + "Upgrade: h2c␤HTTP2-Settings: AAA␤X-Bar: \u00ff␤␤");
      assertEquals(OK_CLOSE, client.rest());
      assertEquals("GET b.test/x x-bar: \u00ff", stage.seen());
    }
  }

  @Test
  void streamsChunksAndTrailersDown() throws Exception {
    try (Stage.Client client = stage.client()) {
      String head = "HTTP/1.1 200 OK␤";
      String chunked = head + "transfer-encoding: chunked␤␤5␤hello␤0␤x-sum: 5␤␤";
      client.send(get("/chunked"));
      assertEquals(chunked, client.read(Bytes.raw(chunked).length()));
      client.send("GET /chunked HTTP/1.0␤" + H + "Connection: keep-alive␤␤");
      assertEquals(head + "connection: close␤␤hello", client.rest());
      stage.seen();
      stage.seen();
    }
  }

  @Test
  void headHasNoBody() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send("HEAD / HTTP/1.1␤" + H + "␤" + "HEAD /fault/NO_INSTANCE HTTP/1.1␤" + H + "␤");
      client.send("HEAD / HTTP/1.1␤" + H + "Connection: close␤␤");
      assertEquals(
          "HTTP/1.1 200 OK␤content-length: 2␤␤"
              + "HTTP/1.1 503 Service Unavailable␤x-code: PR01␤content-length: 0␤␤"
              + "HTTP/1.1 200 OK␤content-length: 2␤connection: close␤␤",
          client.rest());
      stage.seen();
      stage.seen();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/cut", "/short"})
  void aCutResponseLooksCut(String path) throws Exception {
    try (Stage.Client client = stage.client()) {
      String answer = client.send(get(path)).rest();
      assertFalse(answer.endsWith("0␤␤"), answer);
      assertFalse(answer.contains("HTTP/1.1 502"), answer);
      stage.seen();
    }
  }

  @Test
  void faultsAndLocalAnswersKeepTheConnection() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send(get("/fault/UNKNOWN_HOST") + get("/local"));
      client.send("GET / HTTP/1.1␤" + H + "Connection: close␤␤");
      assertEquals(
          "HTTP/1.1 404 Not Found␤x-code: PH20␤content-length: 0␤␤"
              + "HTTP/1.1 302 Found␤location: /␤content-length: 0␤␤"
              + OK_CLOSE,
          client.rest());
      assertEquals("GET a.test/ ", stage.seen());
    }
  }

  @Test
  void passesHintsToModernClientsOnly() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send(get("/hints"));
      String hints = "HTTP/1.1 103 Early Hints␤link: x␤␤" + OK;
      assertEquals(hints, client.read(Bytes.raw(hints).length()));
      client.send("GET /hints HTTP/1.0␤" + H + "␤");
      assertEquals(OK_CLOSE, client.rest());
      stage.seen();
      stage.seen();
    }
  }

  @Test
  void theAppsContinueReachesAClientThatWaits() throws Exception {
    String post = " HTTP/1.1␤" + H + "Expect: 100-continue␤Content-Length: 3␤␤";
    try (Stage.Client client = stage.client()) {
      client.send("POST /continue" + post);
      assertEquals("HTTP/1.1 100 Continue␤␤", client.until("␤␤"));
      client.send("abc");
      assertEquals(OK, client.read(Bytes.raw(OK).length()));
      assertEquals("POST a.test/continue expect: 100-continue|content-length: 3 abc", stage.seen());
      // Nobody asked: no 100.
      client.send(get("/continue"));
      assertEquals(OK, client.read(Bytes.raw(OK).length()));
      stage.seen();
      // A refusal instead of 100: what follows could be a body or a request, so nothing follows.
      String refusal = client.send("POST /early" + post).rest();
      assertEquals("HTTP/1.1 413 Content Too Large␤content-length: 0␤connection: close␤␤", refusal);
      assertEquals("early /early", stage.seen());
      stage.seen();
    }
  }

  @Test
  void aSmallRestOfAnUnwantedBodyIsReadAndDropped() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send("POST /early HTTP/1.1␤" + H + "Content-Length: 1000␤␤abc");
      String early = "HTTP/1.1 413 Content Too Large␤content-length: 0␤␤";
      assertEquals(early, client.read(Bytes.raw(early).length()));
      client.send("x".repeat(997) + get("/next"));
      assertEquals(OK, client.read(Bytes.raw(OK).length()));
      assertEquals("early /early", stage.seen());
      assertEquals("cancel /early CLIENT_GONE", stage.seen());
      assertEquals("GET a.test/next ", stage.seen());
    }
  }

  @Test
  void aLargeRestOfAnUnwantedBodyEndsTheConnection() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send("POST /early HTTP/1.1␤" + H + "Content-Length: 10000000␤␤abc");
      assertEquals(
          "HTTP/1.1 413 Content Too Large␤content-length: 0␤connection: close␤␤", client.rest());
      assertEquals("early /early", stage.seen());
      stage.seen();
    }
  }

  @Test
  void afterTheUpgradeBytesPassBothWays() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send(WS + "early");
      assertEquals(
          "HTTP/1.1 101 Switching Protocols␤sec-websocket-accept: yes␤connection: upgrade␤"
              + "upgrade: websocket␤␤<early>",
          client.until(">"));
      client.send(NX);
      assertEquals("<" + NX + ">", client.until(">"));
      client.send("bye");
      assertEquals("<bye>", client.rest());
      assertTrue(stage.seen().startsWith("GET a.test/ws sec-websocket-version: 13"));
      assertEquals("cancel /ws CLIENT_GONE", stage.seen());
    }
  }

  @Test
  void aRefusedUpgradeEndsTheConnection() throws Exception {
    try (Stage.Client client = stage.client()) {
      String answer = client.send(WS.replace("/ws", "/early") + NX).rest();
      assertTrue(answer.contains("connection: close␤"), answer);
      assertEquals("early /early", stage.seen());
      stage.seen();
    }
  }

  @Test
  void aClientThatLeavesCancelsTheWorkBehindIt() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send("POST /hold HTTP/1.1␤" + H + "Content-Length: 5␤␤a");
      stage.app.attempts.take();
    }
    assertEquals("cancel /hold CLIENT_GONE", stage.seen());
    try (Stage.Client client = stage.client()) {
      client.send(get("/hold"));
      stage.app.attempts.take();
      client.socket.setSoLinger(true, 0);
    }
    assertEquals("cancel /hold CLIENT_GONE", stage.seen());
    try (Stage.Client client = stage.client()) {
      client.send(get("/hold"));
      stage.app.attempts.take();
    }
    assertEquals("cancel /hold CLIENT_GONE", stage.seen());
  }

  @Test
  void aClientThatClosedItsSideStillGetsTheAnswer() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send(get("/1") + get("/big/300000"));
      client.socket.shutdownOutput();
      String answer = client.rest();
      assertTrue(answer.startsWith(OK), answer.substring(0, 80));
      assertEquals("GET a.test/1 ", stage.seen());
      assertEquals("GET a.test/big/300000 ", stage.seen());
      assertTrue(answer.length() > 300_000);
    }
  }

  @Test
  void neverTakesMoreThanTheWindowFromAClientWhoseAppReadsNothing() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send("POST /hold HTTP/1.1␤" + H + "Content-Length: 10000000␤␤");
      App.Attempt attempt = stage.app.attempts.take();
      Thread sender = Thread.ofVirtual().start(() -> client.sendAnyway("x".repeat(10_000_000)));
      int window = Http1Limits.publicSide().windowBytes();
      long deadline = System.nanoTime() + 5_000_000_000L;
      while (attempt.received < window && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertEquals(window, attempt.received);
      client.socket.close();
      sender.join();
      // Nothing was being read: that the client left shows behind what it had sent.
      attempt.swallow();
      assertEquals("cancel /hold CLIENT_GONE", stage.seen());
    }
  }

  @Test
  void aSlowReaderIsGivenNoMoreThanItTakes() throws Exception {
    try (Stage.Client client = stage.client()) {
      client.send(get("/big/50000000"));
      App.Attempt attempt = stage.app.attempts.take();
      client.until("␤␤");
      long read = 0;
      while (read < 50_000_000) {
        read += client.read(1_000_000).length();
      }
      assertEquals(50_000_000, read);
      assertTrue(attempt.windowBytes() >= 0);
      stage.seen();
    }
  }

  @Test
  void countsAndLogsRefusalsWithoutClientBytes() throws Exception {
    long before = stage.counters.sum(Counter.REQUESTS_MALFORMED);
    try (Stage.Client client = stage.client()) {
      client.send("GET /\u001b[31mforged\nINFO admin logged in HTTP/1.1␤␤").rest();
    }
    assertEquals(before + 1, stage.counters.sum(Counter.REQUESTS_MALFORMED));
  }

  @Test
  void thousandthAnswerEndsTheConnection() throws IOException, InterruptedException {
    try (Stage.Client client = stage.client()) {
      int limit = Http1Limits.publicSide().requests();
      String next = get("/local");
      String answer = "HTTP/1.1 302 Found␤location: /␤content-length: 0␤␤";
      int length = Bytes.raw(answer).length();
      for (int i = 1; i < limit; i++) {
        client.send(next);
        assertEquals(answer, client.read(length));
      }
      assertTrue(client.send(next + NX).rest().contains("connection: close␤"));
    }
  }
}
