package anycast.routing.virtual;

import anycast.routing.virtual.CanonicalPath.Refused;

/// First look at a path: most are canonical already, and a loop over their bytes says so.
///
/// **Threading.** Pure; allocates nothing.
final class PathScan {
  /// May stand in a path as it is: unreserved, sub-delims, `:`, `@` (RFC 3986 §3.3), but not `;`.
  private static final boolean[] PLAIN = new boolean[128];

  private static final boolean[] UNRESERVED = new boolean[128];

  static {
    for (int c = 0; c < 128; c++) {
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      UNRESERVED[c] = alphanumeric || "-._~".indexOf(c) >= 0;
      PLAIN[c] = UNRESERVED[c] || "!$&'()*+,=:@".indexOf(c) >= 0;
    }
  }

  private static final Refused NO_ROOT = new Refused("the path does not begin with /");

  private PathScan() {}

  static CanonicalPath of(byte[] target, int start, int end, PathPolicy policy) {
    int pathEnd = CanonicalPath.pathEnd(target, start, end);
    if (pathEnd == start || target[start] != '/') {
      boolean asterisk = end - start == 1 && target[start] == '*';
      return asterisk ? CanonicalPath.Unchanged.IT : NO_ROOT;
    }
    return isCanonical(target, start, pathEnd)
        ? CanonicalPath.Unchanged.IT
        : new PathRewrite(target, start, pathEnd, policy).result(end);
  }

  /// Whether the path is canonical under every policy. Of those that are under some only, it does
  /// not know.
  private static boolean isCanonical(byte[] b, int start, int pathEnd) {
    for (int i = start; i < pathEnd; i++) {
      int c = b[i];
      if (c == '/') {
        if (needsCare(b, i + 1, pathEnd)) {
          return false;
        }
      } else if (c == '%') {
        int octet = octet(b, i, pathEnd);
        if (octet < 0 || !isCanonicalEscape(octet, b[i + 1], b[i + 2])) {
          return false;
        }
        i += 2;
      } else if (c < 0 || !PLAIN[c]) {
        return false;
      }
    }
    return true;
  }

  /// Whether the segment at `i` is empty, with another after it, or made of dots.
  private static boolean needsCare(byte[] b, int i, int pathEnd) {
    if (i >= pathEnd) {
      return false;
    }
    if (b[i] == '/') {
      return true;
    }
    if (b[i] != '.') {
      return false;
    }
    int next = i + 1 < pathEnd && b[i + 1] == '.' ? i + 2 : i + 1;
    return next == pathEnd || b[next] == '/';
  }

  private static boolean isCanonicalEscape(int octet, byte high, byte low) {
    boolean control = octet < 0x20 || octet == 0x7f;
    return high < 'a'
        && low < 'a'
        && !control
        && octet != '/'
        && octet != '\\'
        && !isUnreserved(octet);
  }

  /// The octet that `%XX` at `i` stands for, or -1 where there are no two hex digits.
  static int octet(byte[] b, int i, int end) {
    if (i + 2 >= end) {
      return -1;
    }
    int high = Character.digit(b[i + 1], 16);
    int low = Character.digit(b[i + 2], 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  static boolean isUnreserved(int octet) {
    return octet < 128 && UNRESERVED[octet];
  }

  static boolean isPlain(int octet) {
    return octet < 128 && PLAIN[octet];
  }
}
