package anycast.backhaul.h1;

/// Which bytes may stand where (RFC 9110 §5.5, §5.6.2; RFC 3986 §2, §3.2.2).
///
/// Targets take a few bytes more than RFC 3986 has: those that browsers leave as they are typed
/// (WHATWG URL, path and query percent-encode sets), as refusing `?user[name]=x` would refuse a
/// good part of the web's forms. None of them separates anything in HTTP/1 or in a URL.
final class Grammar {
  private static final int TOKEN = 1;
  private static final int VALUE = 2;
  private static final int PATH = 4;
  private static final int QUERY = 8;
  private static final int HOST = 16;
  private static final int HEX = 32;
  private static final int DIGIT = 64;

  private static final byte[] CLASSES = new byte[256];

  static {
    for (int c = 0; c < 256; c++) {
      boolean digit = c >= '0' && c <= '9';
      boolean alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean alphanumeric = digit || alpha;
      boolean subDelim = in("!$&'()*+,;=", c);
      boolean unreserved = alphanumeric || in("-._~", c);
      int set = 0;
      set |= alphanumeric || in("!#$%&'*+-.^_`|~", c) ? TOKEN : 0;
      set |= c == '\t' || (c >= ' ' && c != 0x7f) ? VALUE : 0;
      set |= unreserved || subDelim || in(":@/%[]|^", c) ? PATH : 0;
      set |= unreserved || subDelim || in(":@/?%[]|^`{}\\", c) ? QUERY : 0;
      set |= unreserved || subDelim || c == '%' ? HOST : 0;
      set |= digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ? HEX : 0;
      set |= digit ? DIGIT : 0;
      CLASSES[c] = (byte) set;
    }
  }

  private Grammar() {}

  static boolean token(byte b) {
    return (CLASSES[b & 0xff] & TOKEN) != 0;
  }

  static boolean value(byte b) {
    return (CLASSES[b & 0xff] & VALUE) != 0;
  }

  static boolean digit(byte b) {
    return (CLASSES[b & 0xff] & DIGIT) != 0;
  }

  static boolean hex(byte b) {
    return (CLASSES[b & 0xff] & HEX) != 0;
  }

  /// Value of a hex digit, or -1.
  static int hexValue(byte b) {
    return hex(b) ? Character.digit((char) b, 16) : -1;
  }

  static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  static boolean tokens(byte[] a, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!token(a[i])) {
        return false;
      }
    }
    return start < end;
  }

  static boolean values(byte[] a, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!value(a[i])) {
        return false;
      }
    }
    return true;
  }

  /// Path and query; the path may be empty.
  static boolean pathAndQuery(byte[] a, int start, int end) {
    int allowed = PATH;
    for (int i = start; i < end; i++) {
      byte b = a[i];
      if (b == '?' && allowed == PATH) {
        allowed = QUERY;
      } else if ((CLASSES[b & 0xff] & allowed) == 0 || (b == '%' && !escape(a, i, end))) {
        return false;
      }
    }
    return true;
  }

  /// Host with an optional port, without user information.
  static boolean authority(byte[] a, int start, int end) {
    int hostEnd =
        start < end && a[start] == '[' ? literalEnd(a, start, end) : nameEnd(a, start, end);
    return hostEnd > start && (hostEnd == end || port(a, hostEnd, end));
  }

  private static int literalEnd(byte[] a, int start, int end) {
    int i = start + 1;
    while (i < end && (hex(a[i]) || a[i] == ':' || a[i] == '.')) {
      i++;
    }
    return i > start + 1 && i < end && a[i] == ']' ? i + 1 : -1;
  }

  private static int nameEnd(byte[] a, int start, int end) {
    int i = start;
    while (i < end && (CLASSES[a[i] & 0xff] & HOST) != 0 && (a[i] != '%' || escape(a, i, end))) {
      i++;
    }
    return i;
  }

  private static boolean port(byte[] a, int start, int end) {
    if (a[start] != ':' || end - start > 6) {
      return false;
    }
    int port = 0;
    for (int i = start + 1; i < end; i++) {
      if (!digit(a[i])) {
        return false;
      }
      port = port * 10 + a[i] - '0';
    }
    return port <= 65_535;
  }

  private static boolean escape(byte[] a, int at, int end) {
    return at + 2 < end && hex(a[at + 1]) && hex(a[at + 2]);
  }

  private static boolean in(String set, int c) {
    return set.indexOf(c) >= 0;
  }
}
