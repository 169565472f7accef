package anycast.backhaul.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestParserTest {
  private static final AsciiString HTTPS = AsciiString.of("https");
  private static final String H = "Host: a.test␤";
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==␤";
  private static final String WS =
      H + "Upgrade: websocket␤Connection: Upgrade␤Sec-WebSocket-Version: 13␤";

  private static String get(String fields) {
    return "GET / HTTP/1.1␤" + H + fields + "␤";
  }

  private static String line(String requestLine) {
    return requestLine + "␤" + H + "␤";
  }

  static Stream<RefusedRequests.Row> refused() {
    return RefusedRequests.rows();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesWhatTheCasesRefuse(RefusedRequests.Row row) {
    for (String input : row.inputs()) {
      RequestParser parser = new RequestParser(HTTPS);
      ByteBuf in = Bytes.of(input + "GET /smug HTTP/1.1␤Host: x␤␤");
      ByteBuf again = Bytes.of("GET /smug HTTP/1.1␤Host: x␤␤");
      RequestRead read = parser.read(in);
      // A fault may need the line behind it: fragments get one.
      RequestRead.Refused refused =
          assertInstanceOf(RequestRead.Refused.class, read, () -> row.id() + " " + input);
      assertEquals(row.kind(), refused.fault().kind(), () -> row.id() + " " + input);
      assertEquals(refused, parser.read(again), "stays refused");
      in.release();
      again.release();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesTheSameByteByByte(RefusedRequests.Row row) {
    for (String input : row.inputs()) {
      RequestParser parser = new RequestParser(HTTPS);
      ByteBuf all = Bytes.of(input + "GET /smug HTTP/1.1␤Host: x␤␤");
      RequestRead read = RequestRead.Incomplete.MORE;
      while (read == RequestRead.Incomplete.MORE && all.isReadable()) {
        read = parser.read(all.readSlice(1));
      }
      RequestRead.Refused refused =
          assertInstanceOf(RequestRead.Refused.class, read, () -> row.id() + " " + input);
      assertEquals(row.kind(), refused.fault().kind(), () -> row.id() + " " + input);
      all.release();
    }
  }

  static Stream<Arguments> served() {
    return Stream.of(
        Arguments.of("H09", get("Content-Length: 005␤"), "a.test", "/", "content-length: 5"),
        Arguments.of("H09b", get("Content-Length: 000␤"), "a.test", "/", "content-length: 0"),
        Arguments.of("H17", get("Transfer-Encoding: CHUNKED␤"), "a.test", "/", ""),
        Arguments.of("H17b", get("Transfer-Encoding:\tchunked \t␤"), "a.test", "/", ""),
        Arguments.of("H25", get("X: a\u00ffb␤"), "a.test", "/", "x: a\u00ffb"),
        Arguments.of("H42", "GET http://b.test/ HTTP/1.1␤" + H + "␤", "b.test", "/", ""),
        Arguments.of("H42b", "GET HTTP://b.test:81?q HTTP/1.1␤" + H + "␤", "b.test:81", "/?q", ""),
        Arguments.of("H42c", "GET https://b.test HTTP/1.0␤␤", "b.test", "/", ""),
        Arguments.of("H48", line("OPTIONS * HTTP/1.1"), "a.test", "*", ""),
        Arguments.of("H48b", line("OPTIONS http://b.test HTTP/1.1"), "b.test", "*", ""),
        Arguments.of("H54", line("GET / HTTP/1.2"), "a.test", "/", ""),
        Arguments.of("H57", "␤␤" + get(""), "a.test", "/", ""),
        Arguments.of(
            "H73",
            get(
                "Connection: X-Foo, , close␤X-Foo: 1␤Keep-Alive: 5␤TE: gzip␤"
                    + "Proxy-Connection: x␤X-Bar: 2␤x-foo: 3␤"),
            "a.test",
            "/",
            "x-bar: 2"),
        Arguments.of("H73b", get("TE: gzip, Trailers␤"), "a.test", "/", "te: trailers"),
        Arguments.of(
            "H73c",
            get("Connection: content-length␤Content-Length: 5␤"),
            "a.test",
            "/",
            "content-length: 5"),
        Arguments.of(
            "H74",
            get("Connection: Upgrade, HTTP2-Settings␤Upgrade: h2c␤HTTP2-Settings: AAA␤X: y␤"),
            "a.test",
            "/",
            "x: y"),
        Arguments.of("H76", get("Upgrade: websocket␤X: y␤"), "a.test", "/", "x: y"),
        Arguments.of("ipv6", "GET / HTTP/1.1␤Host: [::1]:8080␤␤", "[::1]:8080", "/", ""),
        Arguments.of(
            "browser",
            line("GET /a%20b[0]?q[a]={b}|c^`\\ HTTP/1.1"),
            "a.test",
            "/a%20b[0]?q[a]={b}|c^`\\",
            ""),
        Arguments.of("empty value", get("X:␤Y: \t ␤"), "a.test", "/", "x: |y: "),
        Arguments.of("blanks", get("X: \t a  b \t␤"), "a.test", "/", "x: a  b"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("served")
  void servesWhatTheCasesServe(
      String id, String input, String authority, String path, String fields) {
    ByteBuf in = Bytes.of(input + "G");
    RequestRead.Complete read =
        assertInstanceOf(RequestRead.Complete.class, new RequestParser(HTTPS).read(in));
    assertEquals(authority, read.head().authority().toString());
    assertEquals(path, read.head().path().toString());
    assertEquals(fields, Bytes.text(read.head().fields()));
    assertEquals(HTTPS, read.head().scheme());
    assertNull(read.head().upgrade());
    assertEquals("G", Bytes.text(in), "stands behind the head");
    in.release();
  }

  @Test
  void tellsFramingOfEachRequest() {
    assertEquals(Framing.NONE, complete(get("")).framing());
    assertEquals(Framing.NONE, complete(get("Content-Length: 0␤")).framing());
    assertEquals(Framing.ofLength(5), complete(get("Content-Length: 5␤")).framing());
    assertEquals(Framing.CHUNKED, complete(get("Transfer-Encoding: chunked␤")).framing());
  }

  @Test
  void derivesKeepAliveFromVersionAndConnection() {
    assertTrue(complete(get("")).keepAlive());
    assertFalse(complete(get("Connection: x, Close␤")).keepAlive());
    assertFalse(complete("GET / HTTP/1.0␤" + H + "␤").keepAlive());
    assertTrue(complete("GET / HTTP/1.0␤" + H + "Connection: Keep-Alive␤␤").keepAlive());
    assertFalse(
        complete("GET / HTTP/1.0␤" + H + "Connection: keep-alive␤Connection: close␤␤").keepAlive());
  }

  @Test
  void reportsThatTheClientAwaitsContinue() {
    RequestRead.Complete read = complete(get("Expect: 100-Continue␤Content-Length: 1␤"));
    assertTrue(read.expectsContinue());
    assertEquals("expect: 100-continue|content-length: 1", Bytes.text(read.head().fields()));
    RequestRead.Complete old = complete("GET / HTTP/1.0␤" + H + "Expect: 100-continue␤␤");
    assertFalse(old.expectsContinue());
    assertEquals("", Bytes.text(old.head().fields()));
  }

  @Test
  void recognisesWebSocketUpgrade() {
    RequestRead.Complete read = complete("GET /ws HTTP/1.1␤" + WS + KEY + "␤");
    assertEquals("websocket", read.head().upgrade().toString());
    assertEquals(Framing.NONE, read.framing());
    assertEquals(
        "sec-websocket-version: 13|sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        Bytes.text(read.head().fields()));
    assertNull(complete("GET /ws HTTP/1.0␤" + WS + KEY + "␤").head().upgrade());
  }

  @Test
  void readsPipelinedRequestsInOrder() {
    RequestParser parser = new RequestParser(HTTPS);
    ByteBuf in = Bytes.of(line("GET /1 HTTP/1.1") + line("GET /2 HTTP/1.1") + "GET /3");
    List<String> paths = new ArrayList<>();
    while (parser.read(in) instanceof RequestRead.Complete(RequestHead head, _, _, _, _)) {
      paths.add(head.path().toString());
    }
    assertEquals(List.of("/1", "/2"), paths);
    assertTrue(parser.started());
    in.release();
  }

  @Test
  void takesHundredFieldsAndALongLine() {
    assertEquals(99, complete(get("A: b␤".repeat(99))).head().fields().size());
    String path = "/" + "a".repeat(8192 - "GET / HTTP/1.1".length());
    assertEquals(path, complete(line("GET " + path + " HTTP/1.1")).head().path().toString());
  }

  @Test
  void costOfATrickledHeadIsLinear() {
    RequestParser parser = new RequestParser(HTTPS);
    ByteBuf all = Bytes.of(get("X: " + "a".repeat(30_000) + "␤"));
    RequestRead read = RequestRead.Incomplete.MORE;
    while (all.isReadable()) {
      assertEquals(RequestRead.Incomplete.MORE, read);
      read = parser.read(all.readSlice(1));
    }
    assertInstanceOf(RequestRead.Complete.class, read);
    all.release();
  }

  private static RequestRead.Complete complete(String input) {
    ByteBuf in = Bytes.of(input);
    RequestRead read = new RequestParser(HTTPS).read(in);
    in.release();
    return assertInstanceOf(RequestRead.Complete.class, read, input);
  }

  @Test
  void emptyInputSaysMore() {
    RequestParser parser = new RequestParser(HTTPS);
    assertEquals(RequestRead.Incomplete.MORE, parser.read(Unpooled.EMPTY_BUFFER));
    assertFalse(parser.started());
  }
}
