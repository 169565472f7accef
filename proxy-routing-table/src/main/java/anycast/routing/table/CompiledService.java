package anycast.routing.table;

import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Poison;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.model.rule.Target;
import anycast.routing.poison.Strike;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import anycast.routing.virtual.RuleIndex;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/// A virtual service, ready to stand on each of its hosts. One is equal to itself only: a thousand
/// rules are not compared to see whether a service changed.
///
/// @param id unique among those of documents and those that labels make
/// @param hosts each once
/// @param targets whose groups its rules hold, as often as they name them
/// @param own index of its rules alone; null where they are few and nobody made them ready
record CompiledService(
    String id,
    String name,
    List<String> hosts,
    List<CompiledRule> rules,
    List<Target> targets,
    RuleAnswers own) {
  /// Services with at most so many rules are worked into one index where they share a host, again
  /// for each set of services that hosts have: on 256 hosts, each shared with somebody else, 32,768
  /// places of rules or some 14 MB, and as many again in the making. A service with more keeps its
  /// own index everywhere, and a request asks one more.
  static final int MAX_JOINED = 128;

  static CompiledService of(VirtualService virtual, Origin origin, ToIntFunction<Target> slots) {
    List<Target> targets = new ArrayList<>();
    RuleSet set = virtual.rules();
    Strike.at(Poison.At.COMPILE, set);
    List<CompiledRule> rules = new ArrayList<>(set.rules().size());
    for (Rule rule : set.rules()) {
      rules.add(
          CompiledRule.of(
                  virtual.name(),
                  rule,
                  target -> {
                    targets.add(target);
                    return slots.applyAsInt(target);
                  })
              .from(origin));
    }
    boolean indexed = set.prepared() != null || rules.size() > MAX_JOINED;
    return new CompiledService(
        "document " + virtual.name(),
        virtual.name(),
        set.hosts().stream().distinct().toList(),
        rules,
        targets,
        indexed ? new RuleAnswers(RuleIndex.of(rules, set.prepared())) : null);
  }

  /// One index over the rules of several.
  static RuleAnswers joined(List<CompiledService> services) {
    List<CompiledRule> all = new ArrayList<>();
    services.forEach(each -> all.addAll(each.rules));
    return new RuleAnswers(RuleIndex.of(all));
  }

  /// Hosts among which all are that have these very services: those of the one that has the fewest.
  static List<String> hostsOfAll(List<CompiledService> services) {
    Comparator<CompiledService> byHosts = Comparator.comparing(each -> each.hosts.size());
    return services.stream().min(byHosts).orElseThrow().hosts;
  }

  /// Whether its rules are too many to be worked into an index with those of others.
  boolean isApart() {
    return rules.size() > MAX_JOINED;
  }

  /// The entry that it was made from; unknown where labels made it.
  Origin origin() {
    return rules.isEmpty() ? Origin.UNKNOWN : rules.getFirst().origin();
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
