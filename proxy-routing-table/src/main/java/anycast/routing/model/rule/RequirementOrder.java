package anycast.routing.model.rule;

import anycast.routing.model.rule.LabelSelector.Requirement;
import java.util.Comparator;

/// The order in which a selector keeps its requirements: by key, then kind, then values.
final class RequirementOrder {
  static final Comparator<Requirement> ORDER =
      Comparator.comparing(Requirement::key)
          .thenComparingInt(RequirementOrder::kind)
          .thenComparing(Requirement::text);

  private RequirementOrder() {}

  private static int kind(Requirement requirement) {
    return switch (requirement) {
      case Requirement.In _ -> 0;
      case Requirement.NotIn _ -> 1;
      case Requirement.Present _ -> 2;
      case Requirement.Absent _ -> 3;
    };
  }
}
