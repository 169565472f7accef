package anycast.routing.table;

import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import anycast.routing.virtual.RequestView;
import anycast.routing.virtual.RuleOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The rules of all host names that have the same virtual services: one object stands on each of
/// them, so that a host costs its entry and not an index.
///
/// ```
///   services with more than a few rules ──► each with the index that it has anyway
///   the others ───────────────────────────► one index over their rules
/// ```
///
/// Where there are several indexes, the most specific of their answers counts: a large service is
/// not worked into a new index because a small one shares one of its hosts.
///
/// **Threading.** Immutable; [#match] does not allocate.
public final class HostRules {
  /// Names in a sentence that a client may read.
  private static final int MAX_NAMED = 5;

  /// This object, its lists, and the sentence.
  private static final int BYTES = 320;

  private static final int PLACE_BYTES = 4;

  /// By id.
  final List<CompiledService> services;

  /// Whose rules they are; unknown where they are several entries'.
  final Origin origin;

  /// What a request learns that no rule takes.
  final Destination none;

  private final RuleAnswers first;
  private final RuleAnswers[] others;

  /// The index that is these services' only; null where each has its own.
  private final RuleAnswers joined;

  /// @param services by id, at least one
  HostRules(List<CompiledService> services) {
    this.services = List.copyOf(services);
    this.origin = services.size() == 1 ? services.getFirst().origin() : Origin.UNKNOWN;
    this.none =
        new Destination.NoRule(
            services.stream()
                    .map(CompiledService::name)
                    .limit(MAX_NAMED)
                    .collect(Collectors.joining(", "))
                + (services.size() > MAX_NAMED ? ", ..." : ""));
    List<RuleAnswers> parts = new ArrayList<>();
    List<CompiledService> few = new ArrayList<>();
    for (CompiledService service : services) {
      if (service.isApart()) {
        parts.add(service.own());
      } else {
        few.add(service);
      }
    }
    boolean ready = few.size() == 1 && few.getFirst().own() != null;
    this.joined = few.isEmpty() || ready ? null : CompiledService.joined(few);
    if (!few.isEmpty()) {
      parts.add(ready ? few.getFirst().own() : joined);
    }
    this.first = parts.getFirst();
    this.others = parts.subList(1, parts.size()).toArray(RuleAnswers[]::new);
  }

  /// @return null where no rule takes the request
  Destination match(RequestView request) {
    Destination.ByRule found = first.match(request);
    for (RuleAnswers each : others) {
      Destination.ByRule other = each.match(request);
      if (found == null || other != null && isBefore(other, found)) {
        found = other;
      }
    }
    return found;
  }

  private static boolean isBefore(Destination.ByRule one, Destination.ByRule other) {
    return RuleOrder.MOST_SPECIFIC_FIRST.compare(one.rule(), other.rule()) < 0;
  }

  /// Names of the virtual services, those of documents first.
  public List<String> serviceNames() {
    return services.stream().map(CompiledService::name).distinct().toList();
  }

  /// Most specific first.
  public List<CompiledRule> rules() {
    if (others.length == 0) {
      return first.index.rules();
    }
    List<CompiledRule> all = new ArrayList<>(first.index.rules());
    for (RuleAnswers each : others) {
      all.addAll(each.index.rules());
    }
    all.sort(RuleOrder.MOST_SPECIFIC_FIRST);
    return all;
  }

  /// How many places a match looks at in the worst case.
  public int worstVisits() {
    int visits = first.index.worstVisits();
    for (RuleAnswers each : others) {
      visits += each.index.worstVisits();
    }
    return visits;
  }

  /// What this takes beside the services, about.
  long bytes() {
    return BYTES
        + (long) PLACE_BYTES * (services.size() + others.length)
        + (joined == null ? 0 : joined.bytes());
  }
}
