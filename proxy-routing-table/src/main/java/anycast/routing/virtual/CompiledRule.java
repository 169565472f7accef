package anycast.routing.virtual;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import java.util.List;
import java.util.function.ToIntFunction;

/// A rule, ready to follow.
///
/// Of one virtual service, whatever its hosts: the same object stands in the index of each.
///
/// @param service name of its virtual service
/// @param to slots of the target groups of `Forward.to`, in its order; empty for a redirect
/// @param fallback the same for `Forward.fallback`
/// @param mirror the same for `Forward.mirror`; -1 where nothing is copied
/// @param name as operators are shown it: `service/rule`
/// @param origin the entry that it comes from
public record CompiledRule(
    String service, Rule rule, int[] to, int[] fallback, int mirror, String name, Origin origin) {
  private static final int[] NO_SLOTS = {};

  /// One whose origin nobody told.
  public CompiledRule(String service, Rule rule, int[] to, int[] fallback, int mirror) {
    this(service, rule, to, fallback, mirror, service + "/" + rule.name(), Origin.UNKNOWN);
  }

  /// @param slots the slot of a target's group; asked once for each target, fallback and mirror, in
  ///   this order
  public static CompiledRule of(String service, Rule rule, ToIntFunction<Target> slots) {
    return switch (rule.action()) {
      case Action.Forward forward ->
          new CompiledRule(
              service,
              rule,
              slots(forward.to(), slots),
              slots(forward.fallback(), slots),
              forward.mirror() == null ? -1 : slots.applyAsInt(forward.mirror().to()));
      case Action.Redirect _ -> new CompiledRule(service, rule, NO_SLOTS, NO_SLOTS, -1);
    };
  }

  /// The same, and where it comes from.
  public CompiledRule from(Origin entry) {
    return new CompiledRule(service, rule, to, fallback, mirror, name, entry);
  }

  private static int[] slots(List<Target> targets, ToIntFunction<Target> slots) {
    return targets.stream().mapToInt(slots).toArray();
  }
}
