package anycast.routing.document;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import java.util.List;

/// One rule: its name, and either where requests go or where clients are sent.
final class RuleReading {
  /// Which make sense only for what is forwarded.
  private static final List<String> FORWARDING =
      List.of("fallback", "rewrite", "headers", "timeout", "wait", "retry", "mirror");

  private static final List<String> REDIRECTING =
      List.of("scheme", "host", "port", "path", "prefix");

  private RuleReading() {}

  /// @param number from 1
  static Rule rule(Value value, int number) {
    Block rule = value.block(Shape.RULE, "a rule with `match:` and `to:` or `redirect:`");
    String name = rule.has("name") ? Texts.ruleName(rule.value("name")) : "rule-" + number;
    Match match = rule.has("match") ? MatchReading.match(rule.value("match")) : Match.ALL;
    return new Rule(name, match, action(rule, match));
  }

  private static Action action(Block rule, Match match) {
    if (rule.has("to") == rule.has("redirect") && rule.place().isMapping()) {
      rule.problem(
          rule.has("to")
              ? "has both `to:` and `redirect:`; wants one of them"
              : "wants `to:` with targets, or `redirect:`");
    }
    boolean prefix = match.path() instanceof PathMatch.Prefix;
    if (!rule.has("redirect")) {
      return ForwardReading.forward(rule, prefix);
    }
    for (String key : FORWARDING) {
      if (rule.has(key)) {
        rule.value(key).problem("goes with `to:`; a redirect has no use for it");
      }
    }
    return redirect(rule.value("redirect"), prefix);
  }

  private static Action.Redirect redirect(Value value, boolean prefix) {
    Block redirect = value.block(Shape.REDIRECT, "a mapping such as { status: 308, host: h }");
    if (value.isMapping() && REDIRECTING.stream().noneMatch(redirect::has)) {
      value.problem("leads where it came from; wants one of " + String.join(", ", REDIRECTING));
    }
    if (redirect.has("path") && redirect.has("prefix")) {
      redirect.value("prefix").problem("wants `path:` or `prefix:`, not both");
    }
    if (redirect.has("prefix") && !prefix) {
      redirect.value("prefix").problem("wants a rule that matches a path by prefix");
    }
    String path = "";
    if (redirect.has("path")) {
      path = Paths.replacement(redirect.value("path"));
    } else if (redirect.has("prefix")) {
      path = Paths.prefix(redirect.value("prefix"), false);
    }
    return new Action.Redirect(
        status(redirect.value("status")),
        scheme(redirect.value("scheme")),
        redirect.has("host") ? Texts.host(redirect.value("host"), false) : "",
        redirect.has("port") ? redirect.value("port").number(1, Texts.MAX_PORT) : 0,
        path,
        redirect.has("prefix"));
  }

  /// Without one it is a 302, as most proxies have it.
  private static int status(Value value) {
    if (value == null) {
      return 302;
    }
    int status = value.number(301, 308);
    switch (status) {
      case 301, 302, 303, 307, 308 -> {}
      default -> value.problem("wants 301, 302, 303, 307 or 308");
    }
    return status;
  }

  private static String scheme(Value value) {
    if (value == null) {
      return "";
    }
    String scheme = value.text("http or https");
    if (!scheme.isEmpty() && !scheme.equals("http") && !scheme.equals("https")) {
      value.problem("wants http or https, not " + value.kind());
    }
    return scheme;
  }
}
