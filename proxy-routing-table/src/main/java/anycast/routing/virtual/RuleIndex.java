package anycast.routing.virtual;

import anycast.routing.model.rule.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/// All rules of one host, whichever virtual services they come from, for finding the first one in
/// [RuleOrder] that takes a request.
///
/// ```
///   path ──► exact paths: hash ─────────────┐
///        ──► templates: trie by segments ───┼──► conditions: tree of hashes ──► rule
///        ──► prefixes:  trie by segments ───┘
/// ```
///
/// Paths decide first, because they do so in the order: a rule on an exact path comes before all
/// templates, these before all prefixes. On one path, a tree of hash tables over methods, ports and
/// what headers, cookies and query must be equal to leaves a few rules to try ([ConditionTree]).
///
/// **Threading.** Immutable; [#match] neither allocates nor recurses by the request's length.
/// **Limits.** What a match costs at most does not depend on how many rules there are, but on how
/// alike they are; [#worstVisits] says how much it is for this host. Documents whose rules cost too
/// much are not followed.
public final class RuleIndex {
  /// No rule.
  public static final RuleIndex NONE = of(List.of());

  private final CompiledRule[] rules;
  private final PathIndex paths;

  private RuleIndex(CompiledRule[] rules) {
    this.rules = rules;
    this.paths = new PathIndex(rules);
  }

  /// @param rules of all virtual services that have the host, in any order; none twice
  public static RuleIndex of(Collection<CompiledRule> rules) {
    List<CompiledRule> sorted = new ArrayList<>(rules);
    sorted.sort(RuleOrder.MOST_SPECIFIC_FIRST);
    return new RuleIndex(sorted.toArray(CompiledRule[]::new));
  }

  /// The first rule that takes the request.
  ///
  /// @return null where none does
  public CompiledRule match(RequestView request) {
    int rank = paths.match(request);
    return rank == ConditionTree.NOTHING ? null : rules[rank];
  }

  /// As [#match]: the place of that rule in [#rules].
  ///
  /// @return negative where none takes the request
  public int rank(RequestView request) {
    int rank = paths.match(request);
    return rank == ConditionTree.NOTHING ? -1 : rank;
  }

  /// Most specific first.
  public List<CompiledRule> rules() {
    return List.of(rules);
  }

  public int size() {
    return rules.length;
  }

  /// How many places a match looks at in the worst case, for a request that has no name twice:
  /// nodes of tries, tables of values, and rules whose conditions are tried one after another.
  ///
  /// Fleets have a dozen. It grows where a tenant writes many templates that differ in which
  /// segments are literal, or many rules on one path whose conditions share no name.
  public int worstVisits() {
    return paths.worstVisits();
  }

  /// As [#worstVisits()], of the rules of one virtual service alone. Where several services have a
  /// host, their costs add up at most.
  public static int worstVisits(Collection<Rule> rules) {
    return of(rules.stream().map(rule -> CompiledRule.of("", rule, _ -> 0)).toList()).worstVisits();
  }

  @Override
  public String toString() {
    return Arrays.toString(rules);
  }
}
