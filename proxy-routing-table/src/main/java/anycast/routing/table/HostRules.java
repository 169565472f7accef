package anycast.routing.table;

import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import anycast.routing.virtual.RequestView;
import anycast.routing.virtual.RuleIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The rules of one host name, whichever virtual services they come from. Immutable.
final class HostRules {
  /// Names in a sentence that a client may read.
  private static final int MAX_NAMED = 5;

  /// By id.
  final List<CompiledService> services;

  final RuleIndex index;

  /// Whose rules they are; unknown where they are several entries'.
  final Origin origin;

  /// What a request learns that no rule takes.
  final Destination none;

  /// By rank in the index: answers ready made, so that a match allocates nothing.
  private final Destination[] answers;

  /// @param services by id, at least one
  HostRules(List<CompiledService> services) {
    this.services = List.copyOf(services);
    this.origin = services.size() == 1 ? services.getFirst().origin() : Origin.UNKNOWN;
    List<CompiledRule> rules = new ArrayList<>();
    services.forEach(each -> rules.addAll(each.rules()));
    this.index = RuleIndex.of(rules);
    this.answers = index.rules().stream().map(Destination.ByRule::new).toArray(Destination[]::new);
    this.none =
        new Destination.NoRule(
            services.stream()
                    .map(CompiledService::name)
                    .limit(MAX_NAMED)
                    .collect(Collectors.joining(", "))
                + (services.size() > MAX_NAMED ? ", ..." : ""));
  }

  /// @return null where no rule takes the request
  Destination match(RequestView request) {
    int rank = index.rank(request);
    return rank < 0 ? null : answers[rank];
  }
}
