package anycast.routing.document;

import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Which requests a rule is for.
final class MatchReading {
  /// HTTP has nine methods, WebDAV some thirty more.
  private static final int MAX_METHODS = 32;

  /// Each is compared for each request that comes so far.
  private static final int MAX_CONDITIONS = 16;

  private MatchReading() {}

  static Match match(Value value) {
    Block match = value.block(Shape.MATCH, "a mapping such as { path: /api }");
    PathMatch path =
        match.has("path") ? Paths.match(match.value("path")) : new PathMatch.Prefix("/");
    return new Match(
        path,
        methods(match.value("methods")),
        headers(match.value("headers")),
        conditions(match.value("query"), "query parameter"),
        conditions(match.value("cookies"), "cookie"),
        match.has("port") ? match.value("port").number(1, Texts.MAX_PORT) : 0);
  }

  private static Set<String> methods(Value value) {
    Set<String> methods = new HashSet<>();
    if (value == null) {
      return methods;
    }
    List<Value> items = value.list(MAX_METHODS, "methods");
    DocumentReader.noneIsWrong(value, items, "method");
    for (Value item : items) {
      String method = item.text("a method such as GET");
      String upper = method.toUpperCase(Locale.ROOT);
      if (!method.equals(upper)) {
        item.problem("methods are upper case; write " + Value.shown(upper));
      } else if (!method.isEmpty() && !isMethod(method)) {
        item.problem("wants a method such as GET, not " + item.kind());
      } else if (!methods.add(method)) {
        item.warning("stands here twice");
      }
    }
    return methods;
  }

  private static boolean isMethod(String text) {
    return text.length() <= 32
        && text.charAt(0) >= 'A'
        && text.charAt(0) <= 'Z'
        && text.chars().allMatch(c -> c >= 'A' && c <= 'Z' || c == '-' || c == '_');
  }

  private static List<Condition> headers(Value value) {
    List<Condition> lower = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Value.Named entry : entries(value, "header")) {
      Condition condition = condition(entry);
      String name = Texts.headerName(entry);
      if (name.equals("host")) {
        entry.problem("is said by `hosts:`");
      } else if (name.startsWith("x-anycast-")) {
        entry.problem("is internal and never comes from a client");
      } else if (!name.isEmpty() && !names.add(name)) {
        entry.problem("stands here twice");
      }
      Texts.checkFieldValue(entry.value(), condition.value());
      lower.add(new Condition(name, condition.test(), condition.value()));
    }
    return lower;
  }

  private static List<Condition> conditions(Value value, String what) {
    List<Condition> conditions = new ArrayList<>();
    for (Value.Named entry : entries(value, what)) {
      if (entry.name().isEmpty() || entry.name().length() > 256) {
        entry.problem("wants a name of 1 to 256 characters");
      } else if (what.equals("cookie") && !Texts.isToken(entry.name())) {
        entry.problem("is not a cookie's name");
      }
      conditions.add(condition(entry));
    }
    return conditions;
  }

  private static List<Value.Named> entries(Value value, String what) {
    return value == null
        ? List.of()
        : value.named(MAX_CONDITIONS, "a " + what + "'s name and what it must be");
  }

  private static Condition condition(Value.Named entry) {
    Value value = entry.value();
    if (!value.isMapping()) {
      String text =
          value.text("a text, or { equals: ... }, { starts_with: ... } or { present: ... }");
      return new Condition(entry.name(), Condition.Test.EQUALS, text);
    }
    Block block = value.block(Shape.CONDITION, "a condition");
    List<String> given = Shape.CONDITION.keys().stream().filter(block::has).toList();
    if (given.size() != 1) {
      value.problem("wants one of equals, starts_with, present");
      return new Condition(entry.name(), Condition.Test.PRESENT, "");
    }
    String kind = given.getFirst();
    Value wanted = block.value(kind);
    return switch (kind) {
      case "equals" -> new Condition(entry.name(), Condition.Test.EQUALS, wanted.text("a text"));
      case "starts_with" -> {
        String text = wanted.text("a text");
        if (wanted.isEmptyText()) {
          wanted.problem("every value starts with nothing; write present: true");
        }
        yield new Condition(entry.name(), Condition.Test.STARTS_WITH, text);
      }
      default -> {
        boolean present = wanted.truth();
        Condition.Test test = present ? Condition.Test.PRESENT : Condition.Test.ABSENT;
        yield new Condition(entry.name(), test, "");
      }
    };
  }
}
