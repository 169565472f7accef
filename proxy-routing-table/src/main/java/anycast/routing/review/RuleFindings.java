package anycast.routing.review;

import anycast.routing.model.Instance;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Target;
import anycast.routing.table.HostRules;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.RuleOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds in one state what [Finding] names.
///
/// Rules on one host and one path are compared in pairs: others do not take the same requests
/// without one being more specific. Hosts that have the same rules are looked at together.
/// **Limits.** Pairs and findings; beyond, the list is not complete and says so.
final class RuleFindings {
  /// More than an operator reads.
  static final int MAX_FINDINGS = 200;

  /// Some seconds; 10,000 rules on as many paths are no pair at all, on one path they are more.
  private static final int MAX_PAIRS = 5_000_000;

  /// Rules times sets of services that hosts have: 50 of the largest service with another one.
  private static final int MAX_PLACED = 1_000_000;

  private final RoutingSnapshot snapshot;
  private final Set<Finding> findings = new LinkedHashSet<>();
  private int pairs;
  private int placed;
  private boolean complete = true;

  private RuleFindings(RoutingSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  static RuleFindings of(RoutingSnapshot snapshot) {
    RuleFindings found = new RuleFindings(snapshot);
    TreeMap<String, HostRules> hosts = new TreeMap<>();
    snapshot.eachRuleHost(hosts::put);
    Map<HostRules, List<String>> alike = new LinkedHashMap<>();
    hosts.forEach((host, rules) -> alike.computeIfAbsent(rules, _ -> new ArrayList<>()).add(host));
    found.sharedHosts(alike);
    found.rules(alike);
    found.selectors(alike.keySet());
    found.certificates(hosts.keySet());
    return found;
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }

  boolean complete() {
    return complete;
  }

  private void add(Finding finding) {
    if (findings.size() < MAX_FINDINGS) {
      findings.add(finding);
    } else {
      complete &= findings.contains(finding);
    }
  }

  private void sharedHosts(Map<HostRules, List<String>> alike) {
    Map<String, Set<String>> owners = new TreeMap<>();
    alike.forEach((rules, hosts) -> {
      Set<String> services = new TreeSet<>();
      rules.serviceNames().forEach(name -> services.add("virtual service " + name));
      hosts.forEach(host -> owners.put(host, new TreeSet<>(services)));
    });
    snapshot.eachHostname(hostname -> {
      Set<String> others = owners.get(hostname.name());
      if (others != null) {
        others.add("app " + hostname.app().name());
      }
    });
    owners.forEach((host, who) -> {
      if (who.size() > 1) {
        add(new Finding.SharedHost(host, List.copyOf(who)));
      }
    });
  }

  private void rules(Map<HostRules, List<String>> alike) {
    Map<RuleName, RuleName> takenBy = new LinkedHashMap<>();
    Set<RuleName> reachable = new HashSet<>();
    Map<CompiledRule, String> known = new IdentityHashMap<>();
    alike.forEach((rules, hosts) -> {
      if (rules.worstVisits() > Finding.CostlyHost.MANY_VISITS) {
        hosts.forEach(host -> add(new Finding.CostlyHost(host, rules.worstVisits())));
      }
      Map<String, List<CompiledRule>> paths = new LinkedHashMap<>();
      for (CompiledRule rule : rules.rules()) {
        if (++placed > MAX_PLACED) {
          complete = false;
          reachable.add(name(rule)); // as far as is known
          continue;
        }
        String path = known.computeIfAbsent(rule, RuleFindings::path);
        paths.computeIfAbsent(path, _ -> new ArrayList<>()).add(rule);
      }
      paths.values().forEach(ordered -> onOnePath(hosts, ordered, takenBy, reachable));
    });
    takenBy.forEach((rule, by) -> {
      if (!reachable.contains(rule)) {
        add(new Finding.Unreachable(rule, by));
      }
    });
  }

  private void onOnePath(
      List<String> hosts,
      List<CompiledRule> ordered,
      Map<RuleName, RuleName> takenBy,
      Set<RuleName> reachable) {
    for (int later = 0; later < ordered.size(); later++) {
      CompiledRule rule = ordered.get(later);
      RuleName by = null;
      for (int earlier = 0; earlier < later && by == null; earlier++) {
        if (++pairs > MAX_PAIRS) {
          complete = false;
          return;
        }
        CompiledRule before = ordered.get(earlier);
        if (Cover.covers(before.rule().match(), rule.rule().match())) {
          by = name(before);
        }
        if (overlap(before, rule)) {
          overlap(hosts, name(before), name(rule));
        }
      }
      if (by == null) {
        reachable.add(name(rule));
      } else {
        takenBy.putIfAbsent(name(rule), by);
      }
    }
  }

  private void overlap(List<String> hosts, RuleName one, RuleName other) {
    for (int i = 0; i < hosts.size() && complete; i++) {
      add(new Finding.Overlap(one, other, hosts.get(i)));
    }
  }

  private static boolean overlap(CompiledRule one, CompiledRule other) {
    return !one.service().equals(other.service())
        && RuleOrder.BY_MATCH.compare(one.rule().match(), other.rule().match()) == 0
        && Cover.meet(one.rule().match(), other.rule().match());
  }

  private void selectors(Set<HostRules> sets) {
    Map<String, List<Instance>> apps = new HashMap<>();
    List<Instance> all = new ArrayList<>();
    snapshot.eachInstance(candidate -> {
      all.add(candidate.instance());
      apps.computeIfAbsent(candidate.instance().app().name(), _ -> new ArrayList<>())
          .add(candidate.instance());
    });
    Map<LabelSelector, Boolean> known = new HashMap<>();
    Set<CompiledRule> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    sets.forEach(rules ->
        rules
            .rules()
            .forEach(rule -> {
              if (seen.add(rule)
                  && rule.rule().action() instanceof Action.Forward forward
                  && !ofLabels(rule)) {
                for (Target target : targets(forward)) {
                  LabelSelector selector = target.selector();
                  if (!known.computeIfAbsent(selector, _ -> matchesSome(selector, apps, all))) {
                    add(new Finding.NoInstance(name(rule), selector.text()));
                  }
                }
              }
            }));
  }

  /// Such a rule has whom it was made by, whatever its selector shows.
  private static boolean ofLabels(CompiledRule rule) {
    return rule.service().indexOf(':') >= 0;
  }

  /// Where no host has one, TLS ends elsewhere.
  private void certificates(Set<String> hosts) {
    if (snapshot.counts().certificates() > 0) {
      for (String host : hosts) {
        if (snapshot.certificate(SampleRequest.nameOf(host)) == null) {
          add(new Finding.NoCertificate(host));
        }
      }
    }
  }

  private static List<Target> targets(Action.Forward forward) {
    List<Target> targets = new ArrayList<>(forward.to());
    targets.addAll(forward.fallback());
    if (forward.mirror() != null) {
      targets.add(forward.mirror().to());
    }
    return targets;
  }

  /// Most selectors name their app: then the instances of others are not looked at.
  private static boolean matchesSome(
      LabelSelector selector, Map<String, List<Instance>> apps, List<Instance> all) {
    for (LabelSelector.Requirement requirement : selector.requirements()) {
      if (requirement instanceof LabelSelector.Requirement.In(String key, Set<String> values)
          && key.equals("app")) {
        return values.stream()
            .flatMap(app -> apps.getOrDefault(app, List.of()).stream())
            .anyMatch(selector::matches);
      }
    }
    return all.stream().anyMatch(selector::matches);
  }

  /// Equal for two rules whose paths take the same paths.
  private static String path(CompiledRule rule) {
    return switch (rule.rule().match().path()) {
      case PathMatch.Exact(String text) -> "=" + text;
      case PathMatch.Prefix(String text) -> "^" + text.replaceAll("/+$", "");
      case PathMatch.Template(String text) -> "{" + text.replaceAll("\\{[^/]*}", "{}");
    };
  }

  static RuleName name(CompiledRule rule) {
    return new RuleName(rule.service(), rule.rule().name());
  }
}
