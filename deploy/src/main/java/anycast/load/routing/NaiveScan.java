package anycast.load.routing;

import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.virtual.CompiledRule;

/// Rules tried one after another, as an edge without an index would do; only what the bench's rules
/// use.
final class NaiveScan {
  private NaiveScan() {}

  /// @param ordered most specific first
  static CompiledRule match(CompiledRule[] ordered, SomeRequest request) {
    for (CompiledRule rule : ordered) {
      if (takes(rule.rule().match(), request)) {
        return rule;
      }
    }
    return null;
  }

  private static boolean takes(Match match, SomeRequest request) {
    if (!takes(match.path(), request.path())
        || !match.methods().isEmpty() && !match.methods().contains(request.method())) {
      return false;
    }
    for (Condition header : match.headers()) {
      CharSequence value = request.header(header.name(), 0);
      if (value == null || !header.value().contentEquals(value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean takes(PathMatch match, byte[] path) {
    String text = match.text();
    return switch (match) {
      case PathMatch.Exact _ -> text.length() == path.length && begins(path, text);
      case PathMatch.Prefix _ ->
          text.equals("/")
              || begins(path, text) && (path.length == text.length() || path[text.length()] == '/');
      case PathMatch.Template _ -> takesTemplate(text, path);
    };
  }

  private static boolean begins(byte[] path, String text) {
    if (path.length < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (path[i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean takesTemplate(String text, byte[] path) {
    int at = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '{') {
        int from = at;
        while (at < path.length && path[at] != '/') {
          at++;
        }
        if (at == from) {
          return false;
        }
        i = text.indexOf('}', i);
      } else if (at >= path.length || path[at++] != text.charAt(i)) {
        return false;
      }
    }
    return at == path.length;
  }
}
