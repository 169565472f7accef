package anycast.backhaul.h1;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import io.netty.util.AsciiString;
import java.util.Arrays;

/// A request line (RFC 9112 §3): method, one blank, target, one blank, version.
///
/// **Threading.** One owner; the results are those of the last line.
final class RequestLine {
  private static final AsciiString[] METHODS = {
    AsciiString.cached("GET"),
    AsciiString.cached("POST"),
    AsciiString.cached("PUT"),
    AsciiString.cached("HEAD"),
    AsciiString.cached("DELETE"),
    AsciiString.cached("PATCH"),
    AsciiString.cached("OPTIONS")
  };
  static final AsciiString OPTIONS = METHODS[6];
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString TRACE = AsciiString.cached("TRACE");
  private static final AsciiString VERSION = AsciiString.cached("HTTP/");
  private static final AsciiString HTTP = AsciiString.cached("http://");
  private static final AsciiString HTTPS = AsciiString.cached("https://");
  private static final AsciiString ROOT = AsciiString.cached("/");
  private static final AsciiString STAR = AsciiString.cached("*");
  private static final int VERSION_LENGTH = 8;

  AsciiString method;
  AsciiString path;

  /// From an absolute-form target; else null.
  AsciiString authority;

  boolean http10;

  /// @return null, or what is wrong
  Fault parse(byte[] a, int start, int end) {
    int methodEnd = indexOf(a, start, end, ' ');
    if (methodEnd < 0 || !Grammar.tokens(a, start, methodEnd)) {
      return bad("method is not a token followed by one blank");
    }
    int target = methodEnd + 1;
    int targetEnd = indexOf(a, target, end, ' ');
    if (targetEnd < 0) {
      return bad("request line without a version");
    }
    Fault fault = parseVersion(a, targetEnd + 1, end);
    if (fault != null) {
      return fault;
    }
    method = method(a, start, methodEnd);
    authority = null;
    if (method.contentEquals(CONNECT) || method.contentEquals(TRACE)) {
      return Fault.of(FaultKind.METHOD_REFUSED);
    }
    return parseTarget(a, target, targetEnd);
  }

  private Fault parseVersion(byte[] a, int start, int end) {
    if (end - start != VERSION_LENGTH
        || !startsWith(a, start, end, VERSION)
        || !Grammar.digit(a[start + 5])
        || a[start + 6] != '.'
        || !Grammar.digit(a[start + 7])) {
      return bad("version is not HTTP/ with two digits");
    }
    if (a[start + 5] != '1') {
      return Fault.of(FaultKind.VERSION_UNSUPPORTED);
    }
    http10 = a[start + 7] == '0';
    return null;
  }

  private Fault parseTarget(byte[] a, int start, int end) {
    if (start < end && a[start] == '/') {
      return parsePath(a, start, end);
    }
    if (end - start == 1 && a[start] == '*') {
      path = STAR;
      return method.contentEquals(OPTIONS) ? null : bad("asterisk form without OPTIONS");
    }
    int authorityStart = start + schemeLength(a, start, end);
    if (authorityStart == start) {
      return bad("target is neither a path nor an absolute http target");
    }
    int authorityEnd = authorityStart;
    while (authorityEnd < end && a[authorityEnd] != '/' && a[authorityEnd] != '?') {
      authorityEnd++;
    }
    if (!Grammar.authority(a, authorityStart, authorityEnd)) {
      return bad("target's authority is not a host with an optional port");
    }
    authority = new AsciiString(a, authorityStart, authorityEnd - authorityStart, true);
    if (authorityEnd == end) {
      path = method.contentEquals(OPTIONS) ? STAR : ROOT;
      return null;
    }
    return parsePath(a, authorityEnd, end);
  }

  private Fault parsePath(byte[] a, int start, int end) {
    if (!Grammar.pathAndQuery(a, start, end)) {
      return bad("byte in the target that no target may have");
    }
    if (a[start] == '/') {
      path = end - start == 1 ? ROOT : new AsciiString(a, start, end - start, true);
    } else {
      byte[] rooted = new byte[end - start + 1];
      rooted[0] = '/';
      System.arraycopy(a, start, rooted, 1, end - start);
      path = new AsciiString(rooted, false);
    }
    return null;
  }

  private static int schemeLength(byte[] a, int start, int end) {
    if (startsIgnoringCase(a, start, end, HTTP)) {
      return HTTP.length();
    }
    return startsIgnoringCase(a, start, end, HTTPS) ? HTTPS.length() : 0;
  }

  private static AsciiString method(byte[] a, int start, int end) {
    for (AsciiString method : METHODS) {
      if (method.length() == end - start && startsWith(a, start, end, method)) {
        return method;
      }
    }
    return new AsciiString(a, start, end - start, true);
  }

  private static boolean startsWith(byte[] a, int start, int end, AsciiString text) {
    int length = text.length();
    return end - start >= length
        && Arrays.equals(a, start, start + length, text.array(), 0, length);
  }

  private static boolean startsIgnoringCase(byte[] a, int start, int end, AsciiString lowerCase) {
    for (int i = 0; i < lowerCase.length(); i++) {
      if (start + i >= end || Character.toLowerCase(a[start + i]) != lowerCase.byteAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int indexOf(byte[] a, int start, int end, char wanted) {
    for (int i = start; i < end; i++) {
      if (a[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  static Fault bad(String detail) {
    return Fault.of(FaultKind.BAD_REQUEST, detail);
  }
}
