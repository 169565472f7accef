package anycast.routing.virtual;

import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/// What the index must answer, found by trying every rule.
final class NaiveRules {
  private NaiveRules() {}

  static CompiledRule match(List<CompiledRule> rules, AskedRequest request) {
    CompiledRule best = null;
    for (CompiledRule rule : rules) {
      if (takes(rule.rule().match(), request) && (best == null || comesBefore(rule, best))) {
        best = rule;
      }
    }
    return best;
  }

  static boolean takes(Match match, AskedRequest request) {
    return takesPath(match.path(), request.text())
        && (match.methods().isEmpty() || match.methods().contains(request.method()))
        && (match.port() == 0 || match.port() == request.port())
        && match.headers().stream().allMatch(c -> holds(c, i -> request.header(c.name(), i)))
        && match.query().stream().allMatch(c -> holds(c, i -> request.query(c.name(), i)))
        && match.cookies().stream().allMatch(c -> holds(c, i -> request.cookie(c.name(), i)));
  }

  private static boolean takesPath(PathMatch match, String path) {
    return switch (match) {
      case PathMatch.Exact(String text) -> path.equals(text);
      case PathMatch.Prefix(String text) -> {
        String prefix = text.replaceAll("/+$", "");
        yield prefix.isEmpty() || path.equals(prefix) || path.startsWith(prefix + "/");
      }
      case PathMatch.Template(String text) -> {
        String[] wanted = text.split("/", -1);
        String[] found = path.split("/", -1);
        boolean takes = wanted.length == found.length;
        for (int i = 0; takes && i < wanted.length; i++) {
          takes = wanted[i].startsWith("{") ? !found[i].isEmpty() : wanted[i].equals(found[i]);
        }
        yield takes;
      }
    };
  }

  private static boolean holds(Condition condition, IntFunction<CharSequence> values) {
    if (condition.test() == Condition.Test.ABSENT) {
      return values.apply(0) == null;
    }
    for (int i = 0; values.apply(i) != null; i++) {
      String value = values.apply(i).toString();
      boolean holds =
          switch (condition.test()) {
            case EQUALS -> value.equals(condition.value());
            case STARTS_WITH -> value.startsWith(condition.value());
            case PRESENT -> true;
            case ABSENT -> throw new AssertionError();
          };
      if (holds) {
        return true;
      }
    }
    return false;
  }

  /// Of two that take the same request.
  private static boolean comesBefore(CompiledRule one, CompiledRule other) {
    int order = Arrays.compare(key(one), key(other));
    return order != 0
        ? order < 0
        : (one.service() + "\0" + one.rule().name())
                .compareTo(other.service() + "\0" + other.rule().name())
            < 0;
  }

  private static int[] key(CompiledRule rule) {
    Match match = rule.rule().match();
    int kind = 0;
    int wild = 0;
    int length = 0;
    switch (match.path()) {
      case PathMatch.Exact _ -> {}
      case PathMatch.Template(String text) -> {
        kind = 1;
        for (String segment : text.substring(1).split("/", -1)) {
          wild = wild << 1 | (segment.startsWith("{") ? 1 : 0);
        }
      }
      case PathMatch.Prefix(String text) -> {
        kind = 2;
        length = text.replaceAll("/+$", "").length();
      }
    }
    return new int[] {
      kind,
      wild,
      -length,
      match.methods().isEmpty() ? 1 : 0,
      -match.headers().size(),
      -match.cookies().size(),
      -match.query().size(),
      match.port() == 0 ? 1 : 0
    };
  }
}
