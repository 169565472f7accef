package anycast.edge.request;

import io.netty.util.AsciiString;

/// The host of an authority (RFC 3986 §3.2), as bytes that the routing table looks up: lower case,
/// without port, without the root's dot.
///
/// @param bytes array that holds the host; the request's own where that had no capital letter
record Authority(byte[] bytes, int start, int length) {
  /// Longest name that DNS carries (RFC 1035 §2.3.4), with room for its dot.
  private static final int MAX_HOST_BYTES = 254;

  private static final int MAX_PORT_DIGITS = 5;

  /// Takes an authority apart.
  ///
  /// @return null where it is none that a client may send: empty, with user information, with
  ///   characters that no DNS name or IP literal has, with a port out of range
  static Authority parse(AsciiString text) {
    byte[] bytes = text.array();
    int start = text.arrayOffset();
    int end = start + text.length();
    int hostEnd =
        start < end && bytes[start] == '[' ? literal(bytes, start, end) : name(bytes, start, end);
    if (hostEnd < 0 || !portValid(bytes, hostEnd, end)) {
      return null;
    }
    int length = hostEnd - start;
    if (length > 1 && bytes[hostEnd - 1] == '.') {
      length--;
    }
    if (length == 0 || length > MAX_HOST_BYTES || bytes[start] == '.') {
      return null;
    }
    return lowered(bytes, start, length);
  }

  /// End of a host name, or -1 at a character that none has.
  private static int name(byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      if (b == ':') {
        return i;
      }
      if (!letterOrDigit(b) && b != '-' && b != '.' && b != '_') {
        return -1;
      }
    }
    return end;
  }

  /// End of `[IPv6]`, or -1.
  private static int literal(byte[] bytes, int start, int end) {
    for (int i = start + 1; i < end; i++) {
      byte b = bytes[i];
      if (b == ']') {
        return i > start + 2 ? i + 1 : -1;
      }
      int lower = b | 0x20;
      boolean hex = b >= '0' && b <= '9' || lower >= 'a' && lower <= 'f';
      if (!hex && b != ':' && b != '.') {
        return -1;
      }
    }
    return -1;
  }

  private static boolean portValid(byte[] bytes, int at, int end) {
    if (at == end) {
      return true;
    }
    if (bytes[at] != ':' || end - at - 1 > MAX_PORT_DIGITS) {
      return false;
    }
    int port = 0;
    for (int i = at + 1; i < end; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return false;
      }
      port = port * 10 + bytes[i] - '0';
    }
    return port <= 0xffff;
  }

  private static Authority lowered(byte[] bytes, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
        byte[] copy = new byte[length];
        for (int j = 0; j < length; j++) {
          byte b = bytes[start + j];
          copy[j] = b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
        }
        return new Authority(copy, 0, length);
      }
    }
    return new Authority(bytes, start, length);
  }

  private static boolean letterOrDigit(byte b) {
    int lower = b | 0x20;
    return lower >= 'a' && lower <= 'z' || b >= '0' && b <= '9';
  }

  /// The host; safe to log, as only characters of names and addresses came this far.
  AsciiString host() {
    return new AsciiString(bytes, start, length, false);
  }
}
