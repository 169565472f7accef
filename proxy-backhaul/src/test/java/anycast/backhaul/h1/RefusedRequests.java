package anycast.backhaul.h1;

import anycast.backhaul.fault.FaultKind;
import java.util.List;
import java.util.stream.Stream;

/// Requests that are refused, by the ids of the project's HTTP cases, with neighbours of each. For
/// the parser's test, and for the edge's, where nothing behind them may reach an app.
public final class RefusedRequests {
  private static final String H = "Host: a.test␤";
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==␤";
  private static final String WS =
      H + "Upgrade: websocket␤Connection: Upgrade␤Sec-WebSocket-Version: 13␤";

  private RefusedRequests() {}

  /// @param id of the case
  /// @param inputs raw bytes as chars, `␤` for CR LF
  public record Row(String id, FaultKind kind, List<String> inputs) {}

  private static Row row(String id, FaultKind kind, String... inputs) {
    return new Row(id, kind, List.of(inputs));
  }

  private static String get(String fields) {
    return "GET / HTTP/1.1␤" + H + fields + "␤";
  }

  private static String line(String requestLine) {
    return requestLine + "␤" + H + "␤";
  }

  private static String[] lengths(String... values) {
    return Stream.of(values).map(v -> get("Content-Length: " + v + "␤")).toArray(String[]::new);
  }

  private static String[] codings(String... values) {
    return Stream.of(values).map(v -> get("Transfer-Encoding: " + v + "␤")).toArray(String[]::new);
  }

  private static String[] lines(String... values) {
    return Stream.of(values).map(RefusedRequests::line).toArray(String[]::new);
  }

  public static Stream<Row> rows() {
    return Stream.of(
        row(
            "H01 H02",
            FaultKind.BAD_REQUEST,
            get("Content-Length: 6␤Transfer-Encoding: chunked␤") + "0␤␤G",
            get("Transfer-Encoding: chunked␤Content-Length: 6␤"),
            get("Transfer-Encoding: chunked␤Content-Length: 0␤")),
        row(
            "H03",
            FaultKind.BAD_REQUEST,
            "POST / HTTP/1.0␤" + H + "Transfer-Encoding: chunked␤␤",
            "POST / HTTP/1.0␤" + H + "Transfer-Encoding: chunked␤Content-Length: 3␤␤"),
        row("H04", FaultKind.BAD_REQUEST, get("Content-Length: 5␤Content-Length: 6␤")),
        row(
            "H05",
            FaultKind.BAD_REQUEST,
            get("Content-Length: 5␤Content-Length: 5␤"),
            get("Content-Length: 5, 5␤")),
        row(
            "H07",
            FaultKind.BAD_REQUEST,
            lengths("+5", "-5", "0x5", "5 6", "", "1_0", "\u00b2", "5,", "5.0", "5e0", "½")),
        row(
            "H08",
            FaultKind.BAD_REQUEST,
            lengths("18446744073709551621", "9223372036854775808", "9".repeat(400))),
        row("H11", FaultKind.BAD_REQUEST, codings("xchunked", "chunkedx", "\"chunked\"", "")),
        row(
            "H12",
            FaultKind.BAD_REQUEST,
            codings("chunked, identity", "identity", "chunked;q=1", "chunked,", ",chunked")),
        row("H12b", FaultKind.BAD_REQUEST, get("Transfer-Encoding: identity␤Content-Length: 5␤")),
        row(
            "H13",
            FaultKind.NOT_IMPLEMENTED,
            codings("gzip, chunked", "deflate,chunked", "GZIP, Chunked")),
        row("H13b", FaultKind.BAD_REQUEST, codings("gzip", "chunked, gzip", "cow, chunked")),
        row("H14", FaultKind.BAD_REQUEST, codings("chunked, chunked")),
        row(
            "H14b",
            FaultKind.BAD_REQUEST,
            get("Transfer-Encoding: chunked␤Transfer-Encoding: cow␤"),
            get("Transfer-Encoding: chunked␤Transfer-Encoding: chunked␤"),
            get("Transfer-Encoding: cow␤Transfer-Encoding: chunked␤")),
        row(
            "H15",
            FaultKind.BAD_REQUEST,
            get("Transfer-Encoding : chunked␤"),
            get("X-A\t: b␤"),
            get("Content-Length : 5␤")),
        row("H19", FaultKind.BAD_REQUEST, get("Transfer-Encoding:␤ chunked␤")),
        row("H20", FaultKind.BAD_REQUEST, get("X-A: b␤ c␤"), get("X-A: b␤\tc␤"), get("X-A: b␤ ␤")),
        row(
            "H21",
            FaultKind.BAD_REQUEST,
            "GET / HTTP/1.1␤ Host: a.test␤␤",
            "GET / HTTP/1.1␤\tX: y␤Host: a.test␤␤"),
        row("H22", FaultKind.BAD_REQUEST, "GET / HTTP/1.1\nHost: a.test␤␤", "GET / HTTP/1.1\n"),
        row(
            "H23",
            FaultKind.BAD_REQUEST,
            get("X: y\n"),
            get("X: a\rb␤"),
            get("X: a\r␤"),
            "GET / HTTP/1.1␤" + H + "\n",
            "GET / HTTP/1.1␤" + H + "\r\r\n"),
        row(
            "H24",
            FaultKind.BAD_REQUEST,
            get("X: a\0b␤"),
            get("X: a\u0001b␤"),
            get("X: a\u007fb␤"),
            get("X: \u000b␤"),
            get("X: a\f␤")),
        row(
            "H38",
            FaultKind.BAD_REQUEST,
            get("X T: 5␤"),
            get(": 5␤"),
            get("X␤"),
            get("X\u00e9: 5␤")),
        row("H39 H43", FaultKind.BAD_REQUEST, "GET / HTTP/1.1␤␤", "GET / HTTP/1.0␤␤"),
        row("H39b", FaultKind.BAD_REQUEST, "GET http://b.test/ HTTP/1.1␤␤"),
        row("H40", FaultKind.BAD_REQUEST, get(H), get("host: b.test␤")),
        row(
            "H40b",
            FaultKind.BAD_REQUEST,
            Stream.of(
                    "",
                    "a b",
                    "a/b",
                    "u@a.test",
                    "a:b",
                    "a:65536",
                    ":80",
                    "a:80:80",
                    "[::1",
                    "[]",
                    "[g]",
                    "a%2",
                    "a?b",
                    "a#b",
                    "a\\b",
                    "a\"b",
                    "\u00e4",
                    "a:+80",
                    "[::1]x")
                .map(host -> "GET / HTTP/1.1␤Host: " + host + "␤␤")
                .toArray(String[]::new)),
        row(
            "H44",
            FaultKind.BAD_REQUEST,
            lines("GET /a b HTTP/1.1", "GET /a\rb HTTP/1.1", "GET /a\tb HTTP/1.1")),
        row(
            "H45",
            FaultKind.BAD_REQUEST,
            lines(
                "GET /a#b HTTP/1.1",
                "GET /\u00ff HTTP/1.1",
                "GET /%zz HTTP/1.1",
                "GET /% HTTP/1.1",
                "GET /%2 HTTP/1.1",
                "GET /a?%g0 HTTP/1.1",
                "GET /a?b#c HTTP/1.1",
                "GET /\0 HTTP/1.1",
                "GET /\u007f HTTP/1.1",
                "GET /<a> HTTP/1.1",
                "GET /a\\b HTTP/1.1",
                "GET /a?\"b HTTP/1.1")),
        row(
            "H47",
            FaultKind.BAD_REQUEST,
            lines(
                "GET a HTTP/1.1",
                "GET * HTTP/1.1",
                "OPTIONS ** HTTP/1.1",
                "GET ftp://a.test/ HTTP/1.1",
                "GET http:/a.test/ HTTP/1.1",
                "GET http:///a HTTP/1.1",
                "GET http://u@b.test/ HTTP/1.1",
                "GET ?a HTTP/1.1",
                "GET a.test:80 HTTP/1.1")),
        row(
            "H49",
            FaultKind.BAD_REQUEST,
            lines(
                "GET  / HTTP/1.1",
                "GET /  HTTP/1.1",
                "GET\t/ HTTP/1.1",
                "GET /\tHTTP/1.1",
                " GET / HTTP/1.1",
                "\tGET / HTTP/1.1")),
        row(
            "H50",
            FaultKind.BAD_REQUEST,
            lines(
                "GET / HTTP/1.1 ",
                "GET / HTTP/1.10",
                "GET / HTTP/11",
                "GET / ICAP/1.1",
                "GET / HTTP/1.",
                "GET / HTTP/1,1",
                "GET / HTTP 1.1",
                "GET / HTTPS/1.1",
                "GET / HTTP/x.1")),
        row(
            "H50b",
            FaultKind.VERSION_UNSUPPORTED,
            lines("GET / HTTP/2.0", "GET / HTTP/0.9", "PRI * HTTP/2.0", "GET / HTTP/3.0")),
        row(
            "H52",
            FaultKind.BAD_REQUEST,
            lines("G(T / HTTP/1.1", "\u00ef\u00bb\u00bfGET / HTTP/1.1", "G\0T / HTTP/1.1")),
        row("H53", FaultKind.BAD_REQUEST, "GET /␤", "GET / ␤", "GET␤"),
        row(
            "H56",
            FaultKind.BAD_REQUEST,
            lines("GET / http/1.1", "GET / Http/1.1", "GET / hTTP/1.1")),
        row("H57", FaultKind.BAD_REQUEST, "␤␤␤GET / HTTP/1.1␤" + H + "␤", "\nGET / HTTP/1.1␤"),
        row(
            "H58",
            FaultKind.BAD_REQUEST,
            line("\0\u0001GET / HTTP/1.1"),
            "\u0016\u0003\u0001\u0002\0",
            "\0"),
        row("H60", FaultKind.METHOD_REFUSED, lines("TRACE / HTTP/1.1", "CONNECT a:443 HTTP/1.1")),
        row("H62", FaultKind.URI_TOO_LONG, lines("GET /" + "a".repeat(9216) + " HTTP/1.1")),
        row("H62b", FaultKind.URI_TOO_LONG, "GET /" + "a".repeat(9216), "A".repeat(9000)),
        row(
            "H62c",
            FaultKind.HEAD_TOO_LARGE,
            get("X: " + "a".repeat(33_000) + "␤"),
            "GET / HTTP/1.1␤X: " + "a".repeat(33_000),
            get("X: " + "a".repeat(3_000) + "␤" + ("Y: " + "b".repeat(1000) + "␤").repeat(30)),
            get("A: b␤".repeat(100))),
        row(
            "H70",
            FaultKind.EXPECTATION_FAILED,
            get("Expect: y 100-continue␤"),
            get("Expect: 100-continue, x␤"),
            get("Expect: 100-continue␤Expect: 100-continue␤"),
            get("Expect: 100-continuex␤"),
            get("Expect:␤")),
        row("H73", FaultKind.BAD_REQUEST, get("Connection: a b␤"), get("Connection: x,@␤")),
        row("H73b", FaultKind.BAD_REQUEST, get("Connection: " + "a,".repeat(60) + "b␤")),
        row(
            "H75",
            FaultKind.UPGRADE_UNSUPPORTED,
            "GET / HTTP/1.1␤" + WS.replace("13", "777") + KEY + "␤",
            "GET / HTTP/1.1␤" + WS.replace("13", "8") + KEY + "␤",
            "GET / HTTP/1.1␤" + H + "Upgrade: websocket␤Connection: Upgrade␤" + KEY + "␤"),
        row(
            "H76",
            FaultKind.BAD_REQUEST,
            "POST / HTTP/1.1␤" + WS + KEY + "␤",
            "GET / HTTP/1.1␤" + WS + KEY + "Content-Length: 3␤␤abc",
            "GET / HTTP/1.1␤" + WS + KEY + "Transfer-Encoding: chunked␤␤",
            "GET / HTTP/1.1␤" + WS + "␤",
            "GET / HTTP/1.1␤" + WS + KEY + KEY + "␤",
            "GET / HTTP/1.1␤" + WS + KEY.replace("==", "=") + "␤",
            "GET / HTTP/1.1␤" + WS + KEY.replace("dGhl", "d\"hl") + "␤"),
        row(
            "H82",
            FaultKind.BAD_REQUEST,
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2␤" + get(""),
            "PROXY UNKNOWN␤" + get(""),
            "␤␤\0␤QUIT\n"));
  }
}
