package anycast.backhaul.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseParserTest {
  private static final String OK = "HTTP/1.1 200 OK␤";

  @ParameterizedTest
  @ValueSource(
      strings = {
        OK + "Content-Length: 3␤Transfer-Encoding: chunked␤␤",
        OK + "Content-Length: 3␤Content-Length: 4␤␤",
        OK + "Content-Length: 3␤Content-Length: 3␤␤",
        OK + "Content-Length: x␤␤",
        "HTTP/1.0 200 OK␤Transfer-Encoding: chunked␤␤",
        OK + "Transfer-Encoding: gzip, chunked␤␤",
        OK + "Transfer-Encoding: identity␤␤",
        "HTTP/1.1 101 Switching␤Connection: upgrade␤Upgrade: websocket␤␤",
        "HTTP/1.1 99 X␤␤",
        "HTTP/1.1 099 X␤␤",
        "HTTP/1.1 1000 X␤␤",
        "HTTP/1.1 600 X␤␤",
        "HTTP/1.1 2OO X␤␤",
        "HTTP/1.1 20 X␤␤",
        "HTTP/1.1  200 X␤␤",
        "HTTP/1.1 200X␤␤",
        "HTTP/2.0 200 X␤␤",
        "HTTP/1 200 X␤␤",
        "http/1.1 200 OK␤␤",
        "␤HTTP/1.1 200 OK␤␤",
        "HTTP/1.1 200 OK\n\n",
        OK + "X: y\n␤",
        OK + "X: a\0b␤␤",
        OK + "X: a\rb␤␤",
        OK + "X: b␤ c␤␤",
        OK + "X : b␤␤",
        OK + "X␤␤",
        "HTTP/1.1 200 O\0K␤␤",
        "garbage␤␤",
        "\u0015\u0003\u0003␤",
        "\u0015\u0003\u0003 that never ends its line",
        "SSH-2.0-server",
        "HTTP/2"
      })
  void refusesWhatIsNotHttp(String input) {
    ResponseRead read = read(input, false, false);
    assertEquals(
        FaultKind.APP_PROTOCOL,
        assertInstanceOf(ResponseRead.Refused.class, read, input).fault().kind());
  }

  @Test
  void waitsForTheRestOfWhatBeginsLikeHttp() {
    for (String begun : new String[] {"", "H", "HTTP/1", "HTTP/1.1 200 O", OK + "X"}) {
      assertEquals(ResponseRead.Incomplete.MORE, read(begun, false, false), begun);
    }
  }

  @Test
  void framesBodiesByStatusMethodAndFields() {
    assertEquals(Framing.ofLength(5), complete(OK + "Content-Length: 05␤␤").framing());
    assertEquals(Framing.NONE, complete(OK + "Content-Length: 0␤␤").framing());
    assertEquals(Framing.CHUNKED, complete(OK + "Transfer-Encoding: Chunked␤␤").framing());
    assertEquals(Framing.UNTIL_CLOSE, complete(OK + "␤").framing());
    ResponseRead.Complete empty = complete("HTTP/1.1 204 No␤Content-Length: 5␤␤");
    assertEquals(Framing.NONE, empty.framing());
    assertTrue(empty.head().fields().isEmpty());
    ResponseRead.Complete unchanged = complete("HTTP/1.1 304 No␤Content-Length: 5␤␤");
    assertEquals(Framing.NONE, unchanged.framing());
    assertEquals("content-length: 5", Bytes.text(unchanged.head().fields()));
    ResponseRead.Complete head =
        assertInstanceOf(
            ResponseRead.Complete.class, read(OK + "Content-Length: 5␤␤", true, false));
    assertEquals(Framing.NONE, head.framing());
    assertTrue(head.keepAlive());
  }

  @Test
  void derivesKeepAlive() {
    assertTrue(complete(OK + "Content-Length: 1␤␤").keepAlive());
    assertFalse(complete(OK + "Content-Length: 1␤Connection: close␤␤").keepAlive());
    assertFalse(complete(OK + "␤").keepAlive(), "until close");
    assertFalse(complete("HTTP/1.0 200 OK␤Content-Length: 1␤␤").keepAlive());
    assertTrue(complete("HTTP/1.0 200 OK␤Content-Length: 1␤Connection: keep-alive␤␤").keepAlive());
  }

  @Test
  void stripsHopByHopFields() {
    ResponseRead.Complete read =
        complete(
            OK
                + "Connection: x-a, keep-alive␤Keep-Alive: 5␤X-A: 1␤X-B: 2␤Upgrade: h2c␤"
                + "Proxy-Connection: y␤Content-Length: 0␤␤");
    assertEquals("x-b: 2|content-length: 0", Bytes.text(read.head().fields()));
  }

  @Test
  void takesAnUpgradeThatWasAskedFor() {
    ResponseRead read =
        read(
            "HTTP/1.1 101 S␤Connection: Upgrade␤Upgrade: WebSocket␤Sec-WebSocket-Accept: x␤␤",
            false,
            true);
    ResponseRead.Complete complete = assertInstanceOf(ResponseRead.Complete.class, read);
    assertEquals(101, complete.head().status());
    assertEquals(Framing.UNTIL_CLOSE, complete.framing());
    assertEquals("sec-websocket-accept: x", Bytes.text(complete.head().fields()));
    assertInstanceOf(
        ResponseRead.Refused.class, read("HTTP/1.1 101 S␤Upgrade: websocket␤␤", false, true));
  }

  @Test
  void informationalHeadsAreFollowedByTheFinalOneUpToABound() {
    String early = "HTTP/1.1 103 Early␤Link: x␤␤";
    assertEquals(200, lastStatus(early.repeat(32) + OK + "␤"));
    assertEquals(-1, lastStatus(early.repeat(33) + OK + "␤"));
  }

  @Test
  void boundsTheHead() {
    assertInstanceOf(
        ResponseRead.Refused.class, read(OK + "X: " + "a".repeat(70_000), false, false));
    assertInstanceOf(
        ResponseRead.Refused.class, read(OK + "X: y␤".repeat(101) + "␤", false, false));
    assertEquals(1, complete(OK + "X: " + "a".repeat(60_000) + "␤␤").head().fields().size());
  }

  @Test
  void reasonMayBeEmptyAbsentOrEightBit() {
    assertEquals(200, complete("HTTP/1.1 200␤␤").head().status());
    assertEquals(200, complete("HTTP/1.1 200 ␤␤").head().status());
    assertEquals(404, complete("HTTP/1.1 404 pas trouv\u00e9␤␤").head().status());
  }

  @Test
  void leavesBytesBehindTheHeadUnread() {
    ByteBuf in = Bytes.of(OK + "Content-Length: 2␤␤hiHTTP/1.1 200 OK␤␤");
    ResponseParser parser = new ResponseParser();
    parser.begin(false, false);
    assertInstanceOf(ResponseRead.Complete.class, parser.read(in));
    assertEquals("hiHTTP/1.1 200 OK\r\n\r\n", Bytes.text(in));
    in.release();
  }

  private static int lastStatus(String input) {
    ResponseParser parser = new ResponseParser();
    parser.begin(false, false);
    ByteBuf in = Bytes.of(input);
    int status = 0;
    while (status < 200) {
      switch (parser.read(in)) {
        case ResponseRead.Incomplete _ -> throw new AssertionError("not complete");
        case ResponseRead.Complete complete -> status = complete.head().status();
        case ResponseRead.Refused _ -> {
          in.release();
          return -1;
        }
      }
    }
    in.release();
    return status;
  }

  private static ResponseRead read(String input, boolean headMethod, boolean upgradeAsked) {
    ResponseParser parser = new ResponseParser();
    parser.begin(headMethod, upgradeAsked);
    ByteBuf in = Bytes.of(input);
    ResponseRead read = parser.read(in);
    in.release();
    return read;
  }

  private static ResponseRead.Complete complete(String input) {
    return assertInstanceOf(ResponseRead.Complete.class, read(input, false, false), input);
  }
}
