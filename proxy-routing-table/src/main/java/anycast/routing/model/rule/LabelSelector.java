package anycast.routing.model.rule;

import java.util.List;
import java.util.Set;

/// A set of requirements on an instance's labels, all of which must hold: the label selectors of
/// Kubernetes, `app=shop, tier in (gold,silver), !canary`.
///
/// Every instance has the labels `app`, `region`, `node` and `instance`, which say what its row
/// says; labels of these names that somebody wrote count for nothing.
///
/// @param requirements each once, in a canonical order
public record LabelSelector(List<Requirement> requirements) {
  public LabelSelector {
    requirements = List.copyOf(requirements);
  }

  /// One requirement.
  public sealed interface Requirement {
    String key();

    /// `key=a`, `key in (a,b)`.
    record In(String key, Set<String> values) implements Requirement {}

    /// `key!=a`, `key notin (a,b)`; holds where the label is not there, too.
    record NotIn(String key, Set<String> values) implements Requirement {}

    /// `key`.
    record Present(String key) implements Requirement {}

    /// `!key`.
    record Absent(String key) implements Requirement {}
  }
}
