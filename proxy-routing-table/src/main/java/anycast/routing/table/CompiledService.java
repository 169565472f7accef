package anycast.routing.table;

import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Poison;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.model.rule.Target;
import anycast.routing.poison.Strike;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/// A virtual service, ready to stand in the index of each of its hosts.
///
/// @param id unique among those of documents and those that labels make
/// @param hosts each once
/// @param targets whose groups its rules hold, as often as they name them
/// @param origin the entry that it was made from; unknown where labels made it
record CompiledService(
    String id,
    String name,
    List<String> hosts,
    List<CompiledRule> rules,
    List<Target> targets,
    Origin origin) {
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
    return new CompiledService(
        "document " + virtual.name(),
        virtual.name(),
        set.hosts().stream().distinct().toList(),
        rules,
        targets,
        origin);
  }
}
