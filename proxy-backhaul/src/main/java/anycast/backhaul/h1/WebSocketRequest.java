package anycast.backhaul.h1;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import io.netty.util.AsciiString;

/// The client's side of the WebSocket handshake (RFC 6455 §4.2.1).
final class WebSocketRequest {
  static final AsciiString PROTOCOL = AsciiString.cached("websocket");
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString VERSION = AsciiString.cached("sec-websocket-version");
  private static final AsciiString KEY = AsciiString.cached("sec-websocket-key");
  private static final AsciiString THIRTEEN = AsciiString.cached("13");

  /// Sixteen bytes in base64: 22 characters and two of padding.
  private static final int KEY_CHARACTERS = 22;

  private WebSocketRequest() {}

  /// Refuses rather than passing the request on without its upgrade: what follows such a head may
  /// be frames, and frames are not to be read as a request.
  ///
  /// @return null, or what is wrong
  static Fault check(AsciiString method, FieldSection section) {
    if (!method.contentEquals(GET) || section.transferEncoding || section.contentLength > 0) {
      return RequestLine.bad("WebSocket handshake that is no GET or has a body");
    }
    Fields fields = section.fields;
    int version = fields.find(VERSION);
    if (version < 0 || !fields.valueIs(version, THIRTEEN)) {
      return Fault.of(FaultKind.UPGRADE_UNSUPPORTED, "WebSocket version is not 13");
    }
    int key = fields.find(KEY);
    if (key < 0 || !sixteenBytes(fields, key)) {
      return RequestLine.bad("WebSocket handshake without a valid key");
    }
    if (fields.find(VERSION, version + 1) >= 0 || fields.find(KEY, key + 1) >= 0) {
      return RequestLine.bad("WebSocket handshake with two keys or versions");
    }
    return null;
  }

  private static boolean sixteenBytes(Fields fields, int i) {
    byte[] a = fields.array();
    int at = fields.valueStart(i);
    if (fields.valueLength(i) != KEY_CHARACTERS + 2
        || a[at + KEY_CHARACTERS] != '='
        || a[at + KEY_CHARACTERS + 1] != '=') {
      return false;
    }
    for (int j = at; j < at + KEY_CHARACTERS; j++) {
      boolean base64 =
          Grammar.digit(a[j])
              || (a[j] >= 'a' && a[j] <= 'z')
              || (a[j] >= 'A' && a[j] <= 'Z')
              || a[j] == '+'
              || a[j] == '/';
      if (!base64) {
        return false;
      }
    }
    return true;
  }
}
