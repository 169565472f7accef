package anycast.routing.model.rule;

import java.util.List;

/// A virtual service's rules, read and checked.
///
/// @param hosts lower-case names, exact or `*.`-wildcards
/// @param rules as written; which one a request follows does not depend on this order
public record RuleSet(List<String> hosts, List<Rule> rules) {
  /// No host, no rule.
  public static final RuleSet NONE = new RuleSet(List.of(), List.of());

  public RuleSet {
    hosts = List.copyOf(hosts);
    rules = List.copyOf(rules);
  }
}
