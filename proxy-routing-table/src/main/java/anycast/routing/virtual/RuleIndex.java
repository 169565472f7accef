package anycast.routing.virtual;

import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
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

  /// This object, and a place of its list.
  private static final int BYTES = 64;

  private static final int PLACE_BYTES = 4;

  private final List<CompiledRule> rules;
  private final PathIndex paths;

  private RuleIndex(List<CompiledRule> rules, PathIndex paths) {
    this.rules = rules;
    this.paths = paths;
  }

  /// @param rules of all virtual services that have the host, in any order; none twice
  public static RuleIndex of(Collection<CompiledRule> rules) {
    List<CompiledRule> sorted = sorted(rules);
    Match[] matches = sorted.stream().map(rule -> rule.rule().match()).toArray(Match[]::new);
    return new RuleIndex(sorted, new PathIndex(matches));
  }

  /// The same for the rules of one virtual service, which may have been made ready.
  ///
  /// @param prepared what [#prepared] made of these rules; null = nothing
  public static RuleIndex of(Collection<CompiledRule> rules, RuleSet.Prepared prepared) {
    return prepared instanceof PathIndex paths ? new RuleIndex(sorted(rules), paths) : of(rules);
  }

  /// The same set, made ready to be compiled: what is costly about an index does not depend on what
  /// else there is, and is done where the document is read and judged.
  public static RuleSet prepared(RuleSet set) {
    Match[] matches =
        set.rules().stream()
            .sorted(RuleOrder.OF_ONE_SERVICE)
            .map(Rule::match)
            .toArray(Match[]::new);
    return new RuleSet(set.hosts(), set.rules(), new PathIndex(matches));
  }

  private static List<CompiledRule> sorted(Collection<CompiledRule> rules) {
    return rules.stream().sorted(RuleOrder.MOST_SPECIFIC_FIRST).toList();
  }

  /// The first rule that takes the request.
  ///
  /// @return null where none does
  public CompiledRule match(RequestView request) {
    int rank = paths.match(request);
    return rank == ConditionTree.NOTHING ? null : rules.get(rank);
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
    return rules;
  }

  public int size() {
    return rules.size();
  }

  /// How many places a match looks at in the worst case, for a request that has no name twice:
  /// nodes of tries, tables of values, and rules whose conditions are tried one after another.
  ///
  /// Fleets have a dozen. It grows where a tenant writes many templates that differ in which
  /// segments are literal, or many rules on one path whose conditions share no name.
  public int worstVisits() {
    return paths.worstVisits();
  }

  /// As [#worstVisits()], of a set that is [#prepared]. Where several services have a host, their
  /// costs add up at most.
  public static int worstVisits(RuleSet prepared) {
    return ((PathIndex) prepared.prepared()).worstVisits();
  }

  /// What this takes beside the rules, about.
  public long bytes() {
    return BYTES + (long) PLACE_BYTES * rules.size() + paths.bytes();
  }

  @Override
  public String toString() {
    return rules.toString();
  }
}
