package anycast.backhaul.h1;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/// Names that may not come behind a body (RFC 9110 §6.5.1): what frames, routes, authenticates,
/// modifies the request or says how to read the content has been decided by then. They are dropped,
/// as the RFC wants of who merges or forwards trailers.
final class TrailerRules {
  private static final Set<String> REFUSED =
      Set.of(
          "transfer-encoding",
          "content-length",
          "connection",
          "keep-alive",
          "proxy-connection",
          "upgrade",
          "http2-settings",
          "trailer",
          "te",
          "host",
          "via",
          "forwarded",
          "authorization",
          "proxy-authorization",
          "proxy-authenticate",
          "www-authenticate",
          "cookie",
          "set-cookie",
          "expect",
          "max-forwards",
          "cache-control",
          "range",
          "if-match",
          "if-none-match",
          "if-modified-since",
          "if-unmodified-since",
          "if-range",
          "content-encoding",
          "content-type",
          "content-range",
          "location",
          "age",
          "vary",
          "pragma");

  /// Who the client is and where the request goes: set by the edge, never behind a body.
  private static final List<String> REFUSED_PREFIXES = List.of("x-forwarded-", "fly-");

  private TrailerRules() {}

  static boolean admits(byte[] a, int nameStart, int nameLength) {
    String name = new String(a, nameStart, nameLength, StandardCharsets.ISO_8859_1);
    for (String prefix : REFUSED_PREFIXES) {
      if (name.startsWith(prefix)) {
        return false;
      }
    }
    return !REFUSED.contains(name);
  }
}
