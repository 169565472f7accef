package anycast.backhaul.runtime;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Target;
import anycast.routing.table.HostRules;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.virtual.CompiledRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Rules of virtual services as an operator's list shows them.
public final class RuleViews {
  private RuleViews() {}

  /// @param methods empty = all
  /// @param path such as `prefix /api`
  /// @param also what else a request must have, such as `header x-beta=yes`
  /// @param to selectors with their weights, or where clients are sent
  public record RuleRow(
      String host,
      String virtualService,
      String rule,
      List<String> methods,
      String path,
      String also,
      String to) {}

  /// Adds the rules whose host or virtual service contains `part`, at most `most`.
  ///
  /// @return how many there are
  static int collect(RoutingSnapshot now, String part, int most, List<RuleRow> rows) {
    TreeMap<String, HostRules> hosts = new TreeMap<>();
    now.eachRuleHost(hosts::put);
    Map<String, Boolean> services = new HashMap<>();
    int total = 0;
    for (var entry : hosts.entrySet()) {
      boolean all = entry.getKey().contains(part);
      for (CompiledRule rule : entry.getValue().rules()) {
        // One service may have thousands of rules on each of its hosts.
        boolean wanted =
            all
                || services.computeIfAbsent(
                    rule.service(), name -> name.toLowerCase(Locale.ROOT).contains(part));
        if (wanted && total++ < most) {
          rows.add(row(entry.getKey(), rule));
        }
      }
    }
    return total;
  }

  private static RuleRow row(String host, CompiledRule compiled) {
    Match match = compiled.rule().match();
    return new RuleRow(
        host,
        compiled.service(),
        compiled.rule().name(),
        List.copyOf(new TreeSet<>(match.methods())),
        path(match.path()),
        also(match),
        to(compiled.rule().action()));
  }

  private static String path(PathMatch path) {
    return switch (path) {
      case PathMatch.Exact(String text) -> "exact " + text;
      case PathMatch.Prefix(String text) -> "prefix " + text;
      case PathMatch.Template(String text) -> "template " + text;
    };
  }

  private static String also(Match match) {
    List<String> parts = new ArrayList<>();
    match.headers().forEach(one -> parts.add("header " + condition(one)));
    match.cookies().forEach(one -> parts.add("cookie " + condition(one)));
    match.query().forEach(one -> parts.add("query " + condition(one)));
    if (match.port() != 0) {
      parts.add("port " + match.port());
    }
    return String.join(", ", parts);
  }

  private static String to(Action action) {
    return switch (action) {
      case Action.Forward forward ->
          String.join(
              "; ",
              forward.to().stream().map(one -> target(one, forward.to().size() > 1)).toList());
      case Action.Redirect redirect ->
          "redirect "
              + redirect.status()
              + (redirect.scheme().isEmpty() ? " " : " " + redirect.scheme() + "://")
              + redirect.host()
              + (redirect.port() == 0 ? "" : ":" + redirect.port())
              + redirect.path();
    };
  }

  private static String condition(Condition condition) {
    return switch (condition.test()) {
      case EQUALS -> condition.name() + "=" + condition.value();
      case STARTS_WITH -> condition.name() + "=" + condition.value() + "...";
      case PRESENT -> condition.name();
      case ABSENT -> "!" + condition.name();
    };
  }

  private static String target(Target target, boolean shares) {
    return target.selector().text()
        + (target.port() == 0 ? "" : " port " + target.port())
        + (shares ? " weight " + target.weight() : "");
  }
}
