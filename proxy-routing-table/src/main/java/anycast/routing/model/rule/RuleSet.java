package anycast.routing.model.rule;

import java.util.List;
import java.util.Objects;

/// A virtual service's rules, read and checked.
///
/// @param hosts lower-case names, exact or `*.`-wildcards
/// @param rules as written; which one a request follows does not depend on this order
/// @param prepared what whoever read the rules has made of them on the way; null = nothing
public record RuleSet(List<String> hosts, List<Rule> rules, Prepared prepared) {
  /// What the rules were worked into, which says nothing that they do not say. It travels along so
  /// that it is not done twice; only who made it knows what it is.
  public interface Prepared {}

  /// No host, no rule.
  public static final RuleSet NONE = new RuleSet(List.of(), List.of());

  public RuleSet {
    hosts = List.copyOf(hosts);
    rules = List.copyOf(rules);
  }

  public RuleSet(List<String> hosts, List<Rule> rules) {
    this(hosts, rules, null);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RuleSet set && hosts.equals(set.hosts) && rules.equals(set.rules);
  }

  @Override
  public int hashCode() {
    return Objects.hash(hosts, rules);
  }
}
