package anycast.routing.review;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.review.RuleReview.Sampled;
import anycast.routing.table.Destination;
import anycast.routing.table.HostRules;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.virtual.CompiledRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Where requests go in one state and in another.
///
/// A request is made from each rule of either state and each of its hosts; those whose answer
/// differs come first.
final class Samples {
  static final int MAX_SAMPLES = 20;

  /// Each is two lookups, of some microseconds: half a second.
  private static final int MAX_TRIED = 100_000;

  /// Rules times hosts of one state that are compared with the other's: beyond, in hosts late in
  /// the alphabet, differences are not looked for.
  private static final int MAX_PLACED = 200_000;

  /// Of these, on hosts that have the same rules: all rules of a large service on one of its hosts.
  /// Beyond, one on each further host, which answers as the others do.
  private static final int MAX_ALIKE = 20_000;

  private static final double PERCENT = 100;

  private final RoutingSnapshot before;
  private final RoutingSnapshot after;

  private Samples(RoutingSnapshot before, RoutingSnapshot after) {
    this.before = before;
    this.after = after;
  }

  static List<Sampled> of(RoutingSnapshot before, RoutingSnapshot after) {
    return new Samples(before, after).taken();
  }

  private List<Sampled> taken() {
    List<Sampled> different = new ArrayList<>();
    List<Sampled> same = new ArrayList<>();
    for (SampleRequest request : requests()) {
      if (different.size() == MAX_SAMPLES) {
        break;
      }
      Destination was = route(before, request);
      Destination is = route(after, request);
      boolean differs = !what(was).equals(what(is));
      if (differs || same.size() < MAX_SAMPLES) {
        (differs ? different : same)
            .add(new Sampled(request.text(), words(before, was), words(after, is), differs));
      }
    }
    different.addAll(same.subList(0, Math.min(same.size(), MAX_SAMPLES - different.size())));
    return different;
  }

  /// Those of rules that are not the same in both states first.
  private Set<SampleRequest> requests() {
    Set<Placed> was = placed(before);
    Set<Placed> is = placed(after);
    Set<SampleRequest> requests = new LinkedHashSet<>();
    add(is, placed -> !was.contains(placed), requests);
    add(was, placed -> !is.contains(placed), requests);
    add(is, was::contains, requests);
    return requests;
  }

  private static void add(Set<Placed> rules, Predicate<Placed> which, Set<SampleRequest> requests) {
    for (Placed placed : rules) {
      if (requests.size() == MAX_TRIED) {
        return;
      }
      if (which.test(placed)) {
        requests.add(SampleRequest.of(placed.host(), placed.rule().match()));
      }
    }
  }

  /// A rule on one of its hosts.
  private record Placed(String host, String service, Rule rule) {}

  /// By host, and on each in the order in which they are followed.
  private static Set<Placed> placed(RoutingSnapshot snapshot) {
    Map<String, HostRules> hosts = new TreeMap<>();
    snapshot.eachRuleHost(hosts::put);
    Map<HostRules, Integer> alike = new HashMap<>();
    Set<Placed> all = new LinkedHashSet<>();
    hosts.forEach((host, rules) -> {
      for (CompiledRule rule : rules.rules()) {
        if (all.size() == MAX_PLACED) {
          return;
        }
        all.add(new Placed(host, rule.service(), rule.rule()));
        if (alike.merge(rules, 1, Integer::sum) > MAX_ALIKE) {
          return;
        }
      }
    });
    return all;
  }

  private static Destination route(RoutingSnapshot snapshot, SampleRequest request) {
    byte[] host = request.hostBytes();
    return snapshot.route(host, 0, host.length, request);
  }

  /// What must be equal for two answers to be the same.
  private static Object what(Destination destination) {
    return switch (destination) {
      case Destination.ByRule(CompiledRule rule) -> List.of(rule.service(), rule.rule());
      case Destination.ByApp(var app) -> app.id();
      case Destination.NoRule _ -> "no rule";
      case Destination.NoHost _ -> "no host";
    };
  }

  private static String words(RoutingSnapshot snapshot, Destination destination) {
    return switch (destination) {
      case Destination.ByRule(CompiledRule rule) ->
          RuleFindings.name(rule) + ": " + words(snapshot, rule);
      case Destination.ByApp(var app) -> "app " + app.id().name();
      case Destination.NoRule(String services) -> "no rule of " + services + " takes it";
      case Destination.NoHost _ -> "nobody has the host";
    };
  }

  private static String words(RoutingSnapshot snapshot, CompiledRule compiled) {
    return switch (compiled.rule().action()) {
      case Action.Forward forward -> {
        long total = forward.to().stream().mapToLong(Target::weight).sum();
        List<String> targets = new ArrayList<>();
        for (int i = 0; i < forward.to().size(); i++) {
          Target target = forward.to().get(i);
          String share =
              forward.to().size() == 1
                  ? ""
                  : String.format(Locale.ROOT, "%.3g%% to ", PERCENT * target.weight() / total);
          targets.add(share + words(snapshot, target, compiled.to()[i]));
        }
        yield String.join(", ", targets);
      }
      case Action.Redirect redirect ->
          "redirect "
              + redirect.status()
              + " to "
              + List.of(redirect.scheme(), redirect.host(), redirect.path()).stream()
                  .filter(part -> !part.isEmpty())
                  .collect(Collectors.joining(" "));
    };
  }

  private static String words(RoutingSnapshot snapshot, Target target, int slot) {
    int instances = snapshot.group(slot).picker().candidates().size();
    return "%s%s (%d %s)"
        .formatted(
            target.selector().text(),
            target.port() == 0 ? "" : " port " + target.port(),
            instances,
            instances == 1 ? "instance" : "instances");
  }
}
