package anycast.backhaul.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.RequestHead;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What makes a request malformed, and what a valid one is delivered as.
class RequestRulesTest {
  static Stream<List<String>> malformedFields() {
    return Stream.of(
            "transfer-encoding|chunked",
            "connection|close",
            "keep-alive|1",
            "upgrade|h2c",
            "proxy-connection|close",
            "te|gzip",
            "te|trailers, gzip",
            "X-Upper|1",
            "|empty name",
            "a b|1",
            "a:b|1",
            "a\r\nb|1",
            "a\u00e9|1",
            "x-a|a\rb",
            "x-a|a\nb",
            "x-a|a\0b",
            "x-a| leading",
            "x-a|\tleading",
            "x-a|trailing ",
            "x-a|trailing\t",
            "x-a|bell\u0007",
            "x-a|delete\u007f",
            "content-length|+5",
            "content-length|-5",
            "content-length|5, 5",
            "content-length|",
            "content-length|18446744073709551621",
            "content-length|5|content-length|5",
            "content-length|5|content-length|6",
            "host|other.test",
            "host|a.test|host|a.test",
            ":late|1",
            ":status|200",
            ":method|GET",
            ":protocol|websocket",
            "x-a|1|:authority|a.test")
        .map(line -> Arrays.asList(line.split("\\|", -1)));
  }

  @ParameterizedTest
  @MethodSource("malformedFields")
  void resetsARequestWithAMalformedField(List<String> fields) {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.headers(1, true, RawPeer.request(fields.toArray(String[]::new)));
      assertEquals(List.of("RST 1 on 1"), peer.errors());
      assertEquals(List.of(), peer.log.lines);
      peer.get(3, true);
      assertEquals(List.of("request 3 end"), peer.log.lines);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":path=/a b",
        ":path=/a\u007f",
        ":path=/\u00e9",
        ":path=/a#b",
        ":path=/a\r\nx: y",
        ":path=",
        ":method=",
        ":method=G T",
        ":scheme=ftp",
        ":scheme=",
        ":authority=u@a.test",
        ":authority=a.test/x",
        ":authority=a b"
      })
  void resetsARequestWithAMalformedPseudoHeader(String change) {
    int at = change.indexOf('=');
    String[] fields = RawPeer.request();
    int name = Arrays.asList(fields).indexOf(change.substring(0, at));
    fields[name + 1] = change.substring(at + 1);
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.headers(1, true, fields);
      assertEquals(List.of("RST 1 on 1"), peer.errors());
      assertEquals(List.of(), peer.log.lines);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {":method", ":scheme", ":path"})
  void resetsARequestWithoutARequiredPseudoHeader(String name) {
    List<String> fields = new ArrayList<>(List.of(RawPeer.request()));
    int at = fields.indexOf(name);
    fields.subList(at, at + 2).clear();
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.headers(1, true, fields.toArray(String[]::new));
      assertEquals(List.of("RST 1 on 1"), peer.errors());
    }
  }

  @Test
  void deliversARequestWithItsFields() {
    RequestHead head = deliver(RawPeer.request("accept", "*/*", "te", "trailers", "x-a", "\u00ff"));
    assertEquals("GET", head.method().toString());
    assertEquals("https", head.scheme().toString());
    assertEquals("a.test", head.authority().toString());
    assertEquals("/", head.path().toString());
    assertNull(head.upgrade());
    assertEquals("\u00ff", head.fields().text(AsciiString.of("x-a")));
    assertEquals(3, head.fields().size());
  }

  @Test
  void joinsCookieCrumbs() {
    RequestHead head = deliver(RawPeer.request("cookie", "a=1", "x", "y", "cookie", "b=2"));
    assertEquals("a=1; b=2", head.fields().text(AsciiString.of("cookie")));
    assertEquals(2, head.fields().size());
  }

  @Test
  void writesContentLengthAnew() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.headers(1, false, RawPeer.request("content-length", "005"));
      RequestHead head = peer.log.requests.get(1);
      assertEquals("5", head.fields().text(AsciiString.of("content-length")));
      peer.frame(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[5]);
      assertEquals(List.of(), peer.errors());
    }
  }

  @Test
  void takesTheAuthorityFromHost() {
    RequestHead head =
        deliver(":method", "GET", ":scheme", "http", ":path", "/", "host", "b.test:81");
    assertEquals("b.test:81", head.authority().toString());
    assertFalse(head.fields().contains(AsciiString.of("host")));
  }

  @Test
  void acceptsAHostThatEqualsTheAuthority() {
    RequestHead head = deliver(RawPeer.request("host", "A.TEST"));
    assertEquals("a.test", head.authority().toString());
    assertTrue(head.fields().isEmpty());
  }

  @Test
  void deliversARequestForNoHostWithEmptyAuthority() {
    RequestHead head = deliver(":method", "GET", ":scheme", "http", ":path", "/");
    assertTrue(head.authority().isEmpty());
  }

  @Test
  void deliversOddTargetsForTheEdgeToAnswer() {
    assertEquals(
        "http://b/",
        deliver(":method", "GET", ":scheme", "http", ":authority", "a", ":path", "http://b/")
            .path()
            .toString());
    assertEquals(
        "CONNECT", deliver(":method", "CONNECT", ":authority", "a.test:443").method().toString());
  }

  @Test
  void resetsConnectWithSchemeAndPath() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      String[] fields = RawPeer.request();
      fields[1] = "CONNECT";
      peer.headers(1, false, fields);
      peer.headers(3, false, ":method", "CONNECT");
      assertEquals(List.of("RST 1 on 1", "RST 1 on 3"), peer.errors());
    }
  }

  @Test
  void takesExtendedConnectOnlyWhereOffered() {
    String[] fields = RawPeer.request();
    fields[1] = "CONNECT";
    List<String> connect = new ArrayList<>(List.of(fields));
    connect.addAll(2, List.of(":protocol", "websocket"));
    String[] all = connect.toArray(String[]::new);
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.headers(1, false, all);
      assertEquals(List.of("RST 1 on 1"), peer.errors());
    }
    try (RawPeer peer = RawPeer.client(H2Limits.link())) {
      peer.headers(1, false, all);
      RequestHead head = peer.log.requests.get(1);
      assertEquals("GET", head.method().toString());
      assertEquals("websocket", head.upgrade().toString());
    }
  }

  @Test
  void resetsBodiesOfAnotherLengthThanAnnounced() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.headers(1, false, RawPeer.request("content-length", "3"));
      peer.frame(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[5]);
      peer.headers(3, false, RawPeer.request("content-length", "5"));
      peer.frame(RawPeer.DATA, RawPeer.END_STREAM, 3, new byte[3]);
      peer.headers(5, true, RawPeer.request("content-length", "5"));
      peer.headers(7, false, RawPeer.request("content-length", "5"));
      peer.headers(7, true, "x-trailer", "1");
      assertEquals(List.of("RST 1 on 1", "RST 1 on 3", "RST 1 on 5", "RST 1 on 7"), peer.errors());
      assertEquals(
          List.of("request 1", "reset 1 1", "request 3", "reset 3 1", "request 7", "reset 7 1"),
          peer.log.lines);
    }
  }

  @Test
  void deliversTrailersAndResetsBadOnes() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.get(1, false).headers(1, true, "grpc-status", "0");
      peer.get(3, false).headers(3, false, "a", "b");
      peer.get(5, false).headers(5, true, ":path", "/");
      peer.get(7, false).headers(7, true, "te", "trailers");
      peer.get(9, false).headers(9, true, "content-length", "0");
      assertEquals(List.of("RST 1 on 3", "RST 1 on 5", "RST 1 on 7", "RST 1 on 9"), peer.errors());
      assertTrue(peer.log.lines.contains("trailers 1 1"));
      assertEquals(1, peer.log.lines.stream().filter(l -> l.startsWith("trailers")).count());
    }
  }

  private static RequestHead deliver(String... fields) {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.headers(1, true, fields);
      assertEquals(List.of(), peer.errors());
      return peer.log.requests.get(1);
    }
  }
}
