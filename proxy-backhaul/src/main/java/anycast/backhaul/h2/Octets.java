package anycast.backhaul.h2;

import io.netty.util.AsciiString;

/// Which bytes may stand where in a head.
final class Octets {
  private static final boolean[] NAME = new boolean[256];
  private static final boolean[] TOKEN = new boolean[256];

  static {
    String marks = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < marks.length(); i++) {
      NAME[marks.charAt(i)] = true;
      TOKEN[marks.charAt(i)] = true;
    }
    for (char c = 'A'; c <= 'Z'; c++) {
      TOKEN[c] = true;
    }
  }

  private Octets() {}

  /// A field name: a token without upper case (RFC 9113 §8.2.1).
  static boolean name(AsciiString text) {
    return all(NAME, text);
  }

  /// A method or protocol name (RFC 9110 §5.6.2).
  static boolean token(AsciiString text) {
    return all(TOKEN, text);
  }

  /// A field value: no blank at either end, no control byte but TAB (RFC 9110 §5.5). RFC 9113
  /// §8.2.1 forbids only CR, LF and NUL; the others would be refused by the next HTTP/1 hop.
  static boolean value(AsciiString text) {
    int length = text.length();
    if (length == 0) {
      return true;
    }
    byte[] array = text.array();
    int start = text.arrayOffset();
    int end = start + length;
    if (blank(array[start]) || blank(array[end - 1])) {
      return false;
    }
    for (int i = start; i < end; i++) {
      byte b = array[i];
      if (b >= 0 && b < 0x20 && b != '\t' || b == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /// A `:path` as far as its bytes go: visible ASCII without `#` (RFC 9113 §8.3.1, RFC 3986 §3).
  static boolean path(AsciiString text) {
    byte[] array = text.array();
    int start = text.arrayOffset();
    int end = start + text.length();
    for (int i = start; i < end; i++) {
      byte b = array[i];
      if (b <= 0x20 || b == 0x7f || b == '#') {
        return false;
      }
    }
    return start < end;
  }

  /// An authority as far as its bytes go: no user part (RFC 9113 §8.3.1), nothing of a path.
  static boolean authority(AsciiString text) {
    byte[] array = text.array();
    int start = text.arrayOffset();
    int end = start + text.length();
    for (int i = start; i < end; i++) {
      byte b = array[i];
      if (b <= 0x20 || b == 0x7f || b == '#' || b == '/' || b == '?' || b == '@' || b == '\\') {
        return false;
      }
    }
    return true;
  }

  private static boolean all(boolean[] allowed, AsciiString text) {
    byte[] array = text.array();
    int start = text.arrayOffset();
    int end = start + text.length();
    for (int i = start; i < end; i++) {
      if (!allowed[array[i] & 0xff]) {
        return false;
      }
    }
    return start < end;
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }
}
