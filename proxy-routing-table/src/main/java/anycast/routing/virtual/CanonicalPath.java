package anycast.routing.virtual;

/// The one form of a path by which rules match and which the instance reads: whoever asks for
/// `/a/%2e%2e/admin` meets the rules of `/admin`, and the app reads `/admin`.
///
/// In canonical form `%XX` of letters, digits, `-`, `.`, `_`, `~` is decoded and other hex digits
/// are upper case (RFC 3986 §6.2.2); characters that a path may not hold are encoded; dots, slashes
/// and the rest are as the [PathPolicy] says. Nothing is decoded twice: `%252e` stays. What a
/// reserved character means only the app knows, so `/a%24` and `/a$` are two paths. The canonical
/// form of a canonical path is itself.
///
/// The query is never touched.
public sealed interface CanonicalPath {
  /// It came in canonical form.
  record Unchanged() implements CanonicalPath {
    static final Unchanged IT = new Unchanged();
  }

  /// @param target path with query, canonical, to match by and to forward
  /// @param pathEnd where its path ends
  record Changed(byte[] target, int pathEnd) implements CanonicalPath {}

  /// Two readers could take it for two different paths.
  ///
  /// @param reason in words for who sent it
  record Refused(String reason) implements CanonicalPath {}

  /// Brings a request's target into canonical form.
  ///
  /// **Threading.** Pure. Where the path is unchanged and has no `;`, `\`, `%2F`, `%5C` or encoded
  /// control character, nothing is allocated.
  ///
  /// **Limits.** None of its own: the path is as long as the head that held it. A changed target is
  /// at most three times as long.
  ///
  /// @param target holds path and query from `start` to `end`; `*` alone is unchanged
  static CanonicalPath of(byte[] target, int start, int end, PathPolicy policy) {
    return PathScan.of(target, start, end, policy);
  }

  /// Where the path of such a target ends and `?` begins, or `end`.
  static int pathEnd(byte[] target, int start, int end) {
    for (int i = start; i < end; i++) {
      if (target[i] == '?') {
        return i;
      }
    }
    return end;
  }
}
