package anycast.edge.request;

import anycast.backhaul.runtime.LogText;
import anycast.edge.request.Explanation.Stage;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Target;
import anycast.routing.table.TargetGroup;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.RuleIndex;
import anycast.routing.virtual.RuleOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Tells why a rule takes a request and where it leads.
record ExplainRule(Asked asked, Moment now) {
  private static final double PERCENT = 100;
  private static final double MILLIONTHS_A_PERCENT = 10_000;

  List<Stage> of(CompiledRule rule) {
    List<Stage> stages = new ArrayList<>();
    stages.add(
        new Stage(
            "rule", true, name(rule) + " takes it by " + told(rule.rule().match()) + next(rule)));
    switch (rule.rule().action()) {
      case Action.Redirect redirect ->
          stages.add(new Stage("redirect", true, Integer.toString(redirect.status())));
      case Action.Forward forward -> {
        targets(stages, rule, forward);
        edits(stages, forward);
      }
    }
    return stages;
  }

  /// The rule that would take the request next, and why it comes after this one.
  private String next(CompiledRule rule) {
    Authority host = asked.authority();
    List<CompiledRule> rules = now.world().rules(host.bytes(), host.start(), host.length());
    CompiledRule next =
        RuleIndex.of(rules.subList(rules.indexOf(rule) + 1, rules.size())).match(asked);
    return next == null
        ? ""
        : "; before " + name(next) + ", as " + why(rule.rule().match(), next.rule().match());
  }

  private static String why(Match one, Match other) {
    if (RuleOrder.BY_MATCH.compare(pathOf(one), pathOf(other)) != 0) {
      return "its path is more specific";
    }
    if (one.methods().isEmpty() != other.methods().isEmpty()) {
      return "it names methods";
    }
    if (one.headers().size() != other.headers().size()) {
      return "it wants more headers";
    }
    if (one.cookies().size() != other.cookies().size()) {
      return "it wants more cookies";
    }
    if (one.query().size() != other.query().size()) {
      return "it wants more query parameters";
    }
    return (one.port() == 0) == (other.port() == 0) ? "its name comes first" : "it names a port";
  }

  private static Match pathOf(Match match) {
    return new Match(match.path(), Set.of(), List.of(), List.of(), List.of(), 0);
  }

  private static String name(CompiledRule rule) {
    return LogText.escape(rule.name());
  }

  private void targets(List<Stage> stages, CompiledRule rule, Action.Forward forward) {
    long total = forward.to().stream().mapToLong(Target::weight).sum();
    for (int i = 0; i < forward.to().size(); i++) {
      Target target = forward.to().get(i);
      String share =
          total == 0
              ? "no share"
              : String.format(Locale.ROOT, "%.3g%%", PERCENT * target.weight() / total);
      stages.add(new Stage("target", true, share + " to " + told(target, rule.to()[i])));
    }
    for (int i = 0; i < forward.fallback().size(); i++) {
      Target target = forward.fallback().get(i);
      stages.add(new Stage("fallback", true, told(target, rule.fallback()[i])));
    }
    if (forward.mirror() != null) {
      String share =
          String.format(Locale.ROOT, "%.3g%%", forward.mirror().share() / MILLIONTHS_A_PERCENT);
      stages.add(
          new Stage("mirror", true, share + " to " + told(forward.mirror().to(), rule.mirror())));
    }
    switch (new Targeting(asked, now, now.world()::group).of(rule, forward)) {
      case Targeting.Found.Nobody(var fault, var _) ->
          stages.add(new Stage("choice", false, fault.detail()));
      case Targeting.Found.Chosen chosen -> {
        stages.add(new Stage("choice", true, told(chosen.group())));
        stages.addAll(new ExplainInstances(now).of(chosen.group().picker(asked.port())));
      }
    }
  }

  private static String told(TargetGroup group) {
    return group.selector().text() + port(group.port());
  }

  private String told(Target target, int slot) {
    var members = now.world().group(slot).picker(asked.port()).candidates();
    long usable = members.stream().filter(each -> each.routable()).count();
    return target.selector().text()
        + port(target.port())
        + ": "
        + usable
        + " of "
        + members.size()
        + " instances are ready";
  }

  private static String port(int port) {
    return port == 0 ? "" : " port " + port;
  }

  private static void edits(List<Stage> stages, Action.Forward forward) {
    if (forward.rewrite() != null) {
      List<String> parts = new ArrayList<>();
      if (!forward.rewrite().prefix().isEmpty()) {
        parts.add("prefix becomes " + LogText.escape(forward.rewrite().prefix()));
      }
      if (!forward.rewrite().host().isEmpty()) {
        parts.add("host becomes " + LogText.escape(forward.rewrite().host()));
      }
      stages.add(new Stage("rewrite", true, String.join(", ", parts)));
    }
    edits(stages, "request", forward.request());
    edits(stages, "response", forward.response());
  }

  private static void edits(List<Stage> stages, String side, HeaderEdits edits) {
    if (!edits.isEmpty()) {
      List<String> parts = new ArrayList<>();
      edits.remove().forEach(name -> parts.add("removes " + name));
      edits.set().forEach(field -> parts.add("sets " + field.name()));
      edits.add().forEach(field -> parts.add("adds " + field.name()));
      stages.add(new Stage("headers", true, "of the " + side + ": " + String.join(", ", parts)));
    }
  }

  static String told(Match match) {
    List<String> parts = new ArrayList<>();
    parts.add(
        switch (match.path()) {
          case PathMatch.Exact(String text) -> "path " + LogText.escape(text);
          case PathMatch.Prefix(String text) -> "prefix " + LogText.escape(text);
          case PathMatch.Template(String text) -> "template " + LogText.escape(text);
        });
    if (!match.methods().isEmpty()) {
      parts.add(match.methods().stream().sorted().collect(Collectors.joining("|")));
    }
    match.headers().forEach(each -> parts.add("header " + told(each)));
    match.cookies().forEach(each -> parts.add("cookie " + told(each)));
    match.query().forEach(each -> parts.add("query " + told(each)));
    if (match.port() != 0) {
      parts.add("port " + match.port());
    }
    return String.join(", ", parts);
  }

  private static String told(Condition condition) {
    String name = LogText.escape(condition.name());
    String value = LogText.escape(condition.value());
    return switch (condition.test()) {
      case EQUALS -> name + " = " + value;
      case STARTS_WITH -> name + " begins with " + value;
      case PRESENT -> name + " is there";
      case ABSENT -> name + " is not there";
    };
  }
}
