package anycast.edge.request;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// What a request target may look like (RFC 3986 §3.3, RFC 9112 §3.2.1).
final class Target {
  private Target() {}

  /// Whether it is an absolute path with optional query: visible ASCII, no fragment, each `%` with
  /// two hex digits. Characters that browsers send raw against the letter of the RFC, such as `|`,
  /// pass: the app decides.
  static boolean origin(AsciiString path) {
    byte[] bytes = path.array();
    int at = path.arrayOffset();
    int end = at + path.length();
    if (at == end || bytes[at] != '/') {
      return false;
    }
    for (int i = at; i < end; i++) {
      byte b = bytes[i];
      if (b <= ' ' || b == 0x7f || b == '#') {
        return false;
      }
      if (b == '%') {
        if (end - i < 3 || !hex(bytes[i + 1]) || !hex(bytes[i + 2])) {
          return false;
        }
        i += 2;
      }
    }
    return true;
  }

  /// A text of a rule's author as part of a target: what is not visible ASCII in the encoding of
  /// RFC 3986 §2.1, so that no line can break in it.
  static String encoded(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        return encodedBytes(text.getBytes(StandardCharsets.UTF_8));
      }
    }
    return text;
  }

  private static String encodedBytes(byte[] bytes) {
    StringBuilder target = new StringBuilder(bytes.length + 16);
    for (byte b : bytes) {
      if (b <= ' ' || b == 0x7f || b == '#') {
        target.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      } else {
        target.append((char) b);
      }
    }
    return target.toString();
  }

  private static boolean hex(byte b) {
    int lower = b | 0x20;
    return b >= '0' && b <= '9' || lower >= 'a' && lower <= 'f';
  }
}
