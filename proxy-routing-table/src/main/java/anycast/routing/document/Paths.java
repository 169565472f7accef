package anycast.routing.document;

import anycast.routing.model.rule.PathMatch;
import anycast.routing.virtual.CanonicalPath;
import anycast.routing.virtual.PathPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Paths of rules: canonical, since requests are compared in canonical form, and another would
/// never match.
final class Paths {
  /// Request lines beyond 8,000 octets need not be understood (RFC 9112 §3); a rule's path is a
  /// quarter of that at most, so that there is room for what follows a prefix.
  static final int MAX_CHARS = 2_048;

  /// Each is a step in the index.
  static final int MAX_SEGMENTS = 64;

  private static final Pattern VARIABLE = Pattern.compile("\\{[A-Za-z_][A-Za-z0-9_]{0,31}}");

  private Paths() {}

  static PathMatch match(Value value) {
    if (value.isScalar()) {
      return new PathMatch.Prefix(prefix(value, true));
    }
    Block path = value.block(Shape.PATH, "a path such as /api, or { exact: /api }");
    List<String> given = Shape.PATH.keys().stream().filter(path::has).toList();
    if (given.size() != 1) {
      if (value.isMapping()) {
        value.problem("wants one of exact, prefix, template");
      }
      return new PathMatch.Prefix("/");
    }
    String kind = given.getFirst();
    Value text = path.value(kind);
    return switch (kind) {
      case "exact" -> new PathMatch.Exact(canonical(text, true));
      case "template" -> template(text);
      default -> new PathMatch.Prefix(prefix(text, true));
    };
  }

  /// @param matched whether requests are compared with it
  static String prefix(Value value, boolean matched) {
    String path = canonical(value, matched);
    if (path.length() > 1 && path.endsWith("/")) {
      String shorter = path.substring(0, path.length() - 1);
      value.warning("is read as " + Value.shown(shorter) + ": a prefix ends at a segment anyway");
      return shorter.endsWith("/") ? path : shorter;
    }
    return path;
  }

  /// One that is written into requests or answers.
  static String replacement(Value value) {
    return canonical(value, false);
  }

  private static PathMatch template(Value value) {
    String text = text(value);
    List<String> plain = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String segment : text.split("/", -1)) {
      if (VARIABLE.matcher(segment).matches()) {
        if (!names.add(segment)) {
          value.problem("has " + segment + " twice");
        }
        plain.add("x");
      } else {
        if (segment.indexOf('{') >= 0 || segment.indexOf('}') >= 0) {
          value.problem(
              "has the segment "
                  + Value.shown(segment)
                  + "; braces take a whole segment and a name of letters, digits and _: {id}");
        }
        plain.add(segment.replace('{', 'x').replace('}', 'x'));
      }
    }
    if (plain.size() - 1 > MAX_SEGMENTS) {
      value.problem("has more than " + MAX_SEGMENTS + " segments");
    } else if (names.isEmpty() && text.startsWith("/") && text.indexOf('{') < 0) {
      value.problem("has no {name}; write exact: " + Value.shown(text));
    }
    checkCanonical(value, String.join("/", plain), true);
    return new PathMatch.Template(text);
  }

  private static String canonical(Value value, boolean matched) {
    String text = text(value);
    if (!text.isEmpty()) {
      checkCanonical(value, text, matched);
    }
    return text;
  }

  private static String text(Value value) {
    String text = value.text("a path such as /api");
    if (text.length() > MAX_CHARS) {
      value.problem("has more than " + MAX_CHARS + " characters");
      return "";
    }
    if (value.isEmptyText()) {
      value.problem("is empty; write / for all paths");
    }
    return text;
  }

  private static void checkCanonical(Value value, String text, boolean matched) {
    if (text.indexOf('?') >= 0) {
      value.problem("has a query; a path ends before the ?");
      return;
    }
    switch (canonical(text, PathPolicy.LENIENT)) {
      case CanonicalPath.Unchanged _ -> {
        if (matched) {
          warnWhereUsuallyRefused(value, text);
        }
      }
      case CanonicalPath.Changed changed ->
          value.problem("is not canonical; write " + Value.shown(text(changed)));
      case CanonicalPath.Refused(String reason) -> value.problem(reason);
    }
  }

  private static void warnWhereUsuallyRefused(Value value, String text) {
    switch (canonical(text, PathPolicy.SAFE)) {
      case CanonicalPath.Unchanged _ -> {}
      case CanonicalPath.Changed changed ->
          value.warning(
              "never matches where the path policy is the usual one, which makes it "
                  + Value.shown(text(changed)));
      case CanonicalPath.Refused(String reason) ->
          value.warning("never matches where the path policy is the usual one: " + reason);
    }
  }

  private static CanonicalPath canonical(String text, PathPolicy policy) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (text.equals("*")) {
      return new CanonicalPath.Refused("the path does not begin with /");
    }
    return CanonicalPath.of(bytes, 0, bytes.length, policy);
  }

  private static String text(CanonicalPath.Changed changed) {
    return new String(changed.target(), 0, changed.pathEnd(), StandardCharsets.US_ASCII);
  }
}
