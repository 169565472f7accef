package anycast.backhaul.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;

class HeadWriterTest {
  private static final HeadWriter.Recipient MODERN = new HeadWriter.Recipient(false, false, true);

  private static RequestHead request(String method, String upgrade, String... fields) {
    return new RequestHead(
        AsciiString.of(method),
        AsciiString.of("https"),
        AsciiString.of("a.test"),
        AsciiString.of("/p?q"),
        upgrade == null ? null : AsciiString.of(upgrade),
        fields(fields));
  }

  private static Fields fields(String... namesAndValues) {
    Fields fields = new Fields();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  private static void writesRequest(
      String expected, Framing framing, RequestHead head, boolean end) {
    ByteBuf out = Unpooled.buffer();
    assertEquals(framing, HeadWriter.writeRequest(out, head, end));
    assertEquals(Bytes.raw(expected), Bytes.text(out));
    out.release();
  }

  private static void writesResponse(
      String expected, Framing framing, HeadWriter.Recipient to, boolean end, ResponseHead head) {
    ByteBuf out = Unpooled.buffer();
    assertEquals(framing, HeadWriter.writeResponse(out, head, to, end));
    assertEquals(Bytes.raw(expected), Bytes.text(out));
    out.release();
  }

  @Test
  void writesRequestsInOriginFormWithHostFirst() {
    String line = " /p?q HTTP/1.1␤host: a.test␤";
    writesRequest("GET" + line + "x: y␤␤", Framing.NONE, request("GET", null, "x", "y"), true);
    writesRequest("POST" + line + "content-length: 0␤␤", Framing.NONE, request("POST", null), true);
    writesRequest(
        "POST" + line + "content-length: 5␤␤",
        Framing.ofLength(5),
        request("POST", null, "content-length", "5"),
        false);
    writesRequest(
        "PUT" + line + "transfer-encoding: chunked␤␤",
        Framing.CHUNKED,
        request("PUT", null),
        false);
    writesRequest(
        "GET" + line + "te: trailers␤connection: te␤␤",
        Framing.NONE,
        request("GET", null, "te", "trailers"),
        true);
    writesRequest(
        "GET" + line + "sec-websocket-key: k␤connection: upgrade␤upgrade: websocket␤␤",
        Framing.UNTIL_CLOSE,
        request("CONNECT", "websocket", "sec-websocket-key", "k"),
        false);
  }

  @Test
  void writesResponsesForEachRecipient() {
    ResponseHead plain = new ResponseHead(200, fields("x", "y"));
    ResponseHead sized = new ResponseHead(200, fields("content-length", "5"));
    String ok = "HTTP/1.1 200 OK␤";
    writesResponse(ok + "x: y␤transfer-encoding: chunked␤␤", Framing.CHUNKED, MODERN, false, plain);
    writesResponse(ok + "x: y␤content-length: 0␤␤", Framing.NONE, MODERN, true, plain);
    writesResponse(ok + "content-length: 5␤␤", Framing.ofLength(5), MODERN, false, sized);
    writesResponse(
        ok + "x: y␤connection: close␤␤",
        Framing.UNTIL_CLOSE,
        new HeadWriter.Recipient(false, true, true),
        false,
        plain);
    writesResponse(
        ok + "content-length: 5␤connection: keep-alive␤␤",
        Framing.ofLength(5),
        new HeadWriter.Recipient(false, true, true),
        false,
        sized);
    writesResponse(
        ok + "content-length: 5␤connection: close␤␤",
        Framing.ofLength(5),
        new HeadWriter.Recipient(false, false, false),
        false,
        sized);
    writesResponse(
        ok + "content-length: 5␤␤",
        Framing.NONE,
        new HeadWriter.Recipient(true, false, true),
        true,
        sized);
    writesResponse(
        "HTTP/1.1 204 No Content␤␤",
        Framing.NONE,
        MODERN,
        true,
        new ResponseHead(204, fields("content-length", "0")));
    writesResponse(
        "HTTP/1.1 304 Not Modified␤content-length: 5␤␤",
        Framing.NONE,
        MODERN,
        true,
        new ResponseHead(304, fields("content-length", "5")));
    writesResponse(
        "HTTP/1.1 101 Switching Protocols␤s: t␤connection: upgrade␤upgrade: websocket␤␤",
        Framing.UNTIL_CLOSE,
        MODERN,
        false,
        new ResponseHead(101, fields("s", "t")));
  }

  @Test
  void nothingHandedInEndsALineEarly() {
    writesResponse(
        "HTTP/1.1 200 OK␤x: a  set-cookie: b c␤content-length: 0␤␤",
        Framing.NONE,
        MODERN,
        true,
        new ResponseHead(
            200, fields("x", "a\r\nset-cookie: b\0c", "bad name", "v", "e\r\nvil", "v", "", "v")));
    RequestHead hostile =
        new RequestHead(
            AsciiString.of("GET"),
            AsciiString.of("https"),
            AsciiString.of("a\r\nx: y"),
            AsciiString.of("/ HTTP/1.1\r\n\r\nGET /smug"),
            null,
            fields());
    writesRequest(
        "GET /%20HTTP/1.1%0D%0A%0D%0AGET%20/smug HTTP/1.1␤host: a%0D%0Ax:%20y␤␤",
        Framing.NONE, hostile, true);
  }

  @Test
  void hopByHopFieldsAndDoubtfulLengthsNeverGoOut() {
    writesResponse(
        "HTTP/1.1 200 OK␤x: y␤transfer-encoding: chunked␤␤",
        Framing.CHUNKED,
        MODERN,
        false,
        new ResponseHead(
            200,
            fields(
                "transfer-encoding", "cow",
                "connection", "close",
                "upgrade", "h2c",
                "content-length", "5",
                "content-length", "6",
                "x", "y")));
  }

  @Test
  void everyStatusHasALine() {
    for (int status = 200; status < 600; status++) {
      ByteBuf out = Unpooled.buffer();
      HeadWriter.writeResponse(out, new ResponseHead(status, fields()), MODERN, true);
      assertFalse(Bytes.text(out).lines().findFirst().orElseThrow().endsWith(" "));
      out.release();
    }
  }
}
