package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.util.AsciiString;

/// Judges whole field blocks and makes heads of them (RFC 9113 §8.1, §8.3, §8.5; RFC 8441). Null is
/// the answer to a malformed one: the stream is reset with PROTOCOL_ERROR.
final class Heads {
  static final AsciiString METHOD = AsciiString.cached(":method");
  static final AsciiString SCHEME = AsciiString.cached(":scheme");
  static final AsciiString AUTHORITY = AsciiString.cached(":authority");
  static final AsciiString PATH = AsciiString.cached(":path");
  static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
  static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  static final AsciiString HEAD = AsciiString.cached("HEAD");

  static final int SWITCHING_PROTOCOLS = 101;
  static final int OK = 200;

  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private Heads() {}

  /// @param extendedConnect whether `:protocol` has been offered
  static RequestHead request(HeadSink sink, boolean extendedConnect) {
    AsciiString method = sink.methodOrNull();
    if (sink.malformed() || sink.statusOrNull() != null || method == null) {
      return null;
    }
    AsciiString authority = authority(sink);
    if (authority == null || !Octets.token(method)) {
      return null;
    }
    AsciiString protocol = sink.protocolOrNull();
    boolean connect = method.equals(CONNECT);
    if (protocol == null && connect) {
      return plainConnect(sink, authority);
    }
    AsciiString scheme = sink.schemeOrNull();
    AsciiString path = sink.pathOrNull();
    if (scheme == null || path == null || !Octets.path(path)) {
      return null;
    }
    if (!scheme.equals(HTTPS) && !scheme.equals(HTTP)) {
      return null;
    }
    if (protocol == null) {
      return new RequestHead(method, scheme, authority, path, null, sink.takeFields());
    }
    if (!extendedConnect || !connect || !Octets.token(protocol) || sink.contentLength() >= 0) {
      return null;
    }
    return new RequestHead(GET, scheme, authority, path, protocol.toLowerCase(), sink.takeFields());
  }

  private static RequestHead plainConnect(HeadSink sink, AsciiString authority) {
    if (sink.schemeOrNull() != null || sink.pathOrNull() != null || authority.isEmpty()) {
      return null;
    }
    AsciiString none = AsciiString.EMPTY_STRING;
    return new RequestHead(CONNECT, none, authority, none, null, sink.takeFields());
  }

  // `:authority`, else host; both must agree (RFC 9113 §8.3.1). Empty where there is neither.
  private static AsciiString authority(HeadSink sink) {
    AsciiString authority = sink.authorityOrNull();
    AsciiString host = sink.hostOrNull();
    if (authority == null) {
      return host == null ? AsciiString.EMPTY_STRING : host;
    }
    if (!Octets.authority(authority)) {
      return null;
    }
    if (host != null && !host.contentEqualsIgnoreCase(authority)) {
      return null;
    }
    return authority;
  }

  /// @param upgrade whether the request was an extended CONNECT: its 200 is HTTP/1's 101
  static ResponseHead response(HeadSink sink, boolean upgrade) {
    AsciiString text = sink.statusOrNull();
    if (sink.malformed()
        || text == null
        || text.length() != 3
        || sink.methodOrNull() != null
        || sink.schemeOrNull() != null
        || sink.authorityOrNull() != null
        || sink.pathOrNull() != null
        || sink.protocolOrNull() != null) {
      return null;
    }
    int status = 0;
    for (int i = 0; i < 3; i++) {
      int digit = text.byteAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      status = status * 10 + digit;
    }
    // 101 has no place in HTTP/2 (RFC 9113 §8.6).
    if (status < 100 || status == 101) {
      return null;
    }
    int shown = upgrade && status == OK ? SWITCHING_PROTOCOLS : status;
    return new ResponseHead(shown, sink.takeFields());
  }

  /// Trailers carry no pseudo-header and nothing that frames or routes (RFC 9110 §6.5.1).
  static Fields trailers(HeadSink sink) {
    if (sink.malformed()
        || sink.hasPseudo()
        || sink.hasTe()
        || sink.hostOrNull() != null
        || sink.contentLength() >= 0) {
      return null;
    }
    return sink.takeFields();
  }
}
