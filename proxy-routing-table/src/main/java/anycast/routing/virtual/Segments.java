package anycast.routing.virtual;

/// Paths in segments: what stands behind each slash. `/a/b` has two, `/a/` has `a` and an empty
/// one, `/` has an empty one.
final class Segments {
  private static final String[] NONE = {};

  private Segments() {}

  /// @return none where the text does not begin with a slash
  static String[] of(String path) {
    return path.startsWith("/") ? path.substring(1).split("/", -1) : NONE;
  }

  /// The segments that a path begins with; `/a/` and `/a` are the same prefix, `/` has none.
  static String[] ofPrefix(String prefix) {
    return of(withoutSlash(prefix));
  }

  /// `/a/` and `/a` are the same prefix.
  static String withoutSlash(String prefix) {
    return prefix.substring(0, lengthWithoutSlash(prefix));
  }

  static int lengthWithoutSlash(String prefix) {
    int end = prefix.length();
    while (end > 0 && prefix.charAt(end - 1) == '/') {
      end--;
    }
    return end;
  }

  /// Whether a template's segment is a `{name}`.
  static boolean isWild(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  /// @return 0 where the path does not begin with a slash
  static int count(byte[] path, int start, int end) {
    if (start == end || path[start] != '/') {
      return 0;
    }
    int count = 0;
    for (int i = start; i < end; i++) {
      count += path[i] == '/' ? 1 : 0;
    }
    return count;
  }

  /// Where the segment that begins at `from` ends.
  static int end(byte[] path, int from, int end) {
    int at = from;
    while (at < end && path[at] != '/') {
      at++;
    }
    return at;
  }
}
