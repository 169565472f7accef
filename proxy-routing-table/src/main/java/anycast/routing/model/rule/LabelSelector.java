package anycast.routing.model.rule;

import anycast.routing.model.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// A set of requirements on an instance's labels, all of which must hold: the label selectors of
/// Kubernetes, `app=shop, tier in (gold,silver), !canary`.
///
/// Every instance has the labels `app`, `region`, `node` and `instance`, which say what its row
/// says; labels of these names that somebody wrote count for nothing.
///
/// Two selectors that require the same are equal, however they were written: requirements are
/// sorted and each stands once.
///
/// **Threading.** Immutable; [#matches] allocates nothing.
///
/// @param requirements each once, in a canonical order; none = every instance
public record LabelSelector(List<Requirement> requirements) {
  /// Labels that every instance has by itself.
  public static final Set<String> BUILT_IN = Set.of("app", "region", "node", "instance");

  /// Every instance; written `*`.
  public static final LabelSelector ALL = new LabelSelector(List.of());

  public LabelSelector {
    requirements = requirements.stream().distinct().sorted(RequirementOrder.ORDER).toList();
  }

  /// Reads a selector; [SelectorRead.Invalid] says where it is none.
  ///
  /// **Limits.** Those of [SelectorParser].
  public static SelectorRead read(String text) {
    return new SelectorParser(text).read();
  }

  /// Reads a selector.
  ///
  /// **Faults.** `IllegalArgumentException` says the column, what was expected there and what was
  /// found.
  public static LabelSelector parse(String text) {
    return switch (read(text)) {
      case SelectorRead.Valid(LabelSelector selector) -> selector;
      case SelectorRead.Invalid(int column, String problem) ->
          throw new IllegalArgumentException("column " + column + ": " + problem);
    };
  }

  /// Whether every requirement holds.
  public boolean matches(Labels labels) {
    for (int i = 0; i < requirements.size(); i++) {
      if (!requirements.get(i).holds(labels)) {
        return false;
      }
    }
    return true;
  }

  /// This selector with one more requirement.
  public LabelSelector and(Requirement requirement) {
    List<Requirement> more = new ArrayList<>(requirements);
    more.add(requirement);
    return new LabelSelector(more);
  }

  /// Why no labels whatever can satisfy this.
  ///
  /// @return in words, empty where some can
  public String contradiction() {
    return Contradiction.in(requirements);
  }

  /// In canonical form; [#parse] reads an equal selector from it.
  public String text() {
    return requirements.isEmpty()
        ? "*"
        : requirements.stream().map(Requirement::text).collect(Collectors.joining(","));
  }

  @Override
  public String toString() {
    return text();
  }

  /// One requirement.
  public sealed interface Requirement {
    String key();

    boolean holds(Labels labels);

    /// As selectors write it.
    String text();

    /// `key=a`, `key in (a,b)`.
    record In(String key, Set<String> values) implements Requirement {
      public In {
        values = Set.copyOf(values);
      }

      @Override
      public boolean holds(Labels labels) {
        String value = labels.label(key);
        return value != null && values.contains(value);
      }

      @Override
      public String text() {
        return values.size() == 1
            ? key + "=" + values.iterator().next()
            : key + " in " + listed(values);
      }
    }

    /// `key!=a`, `key notin (a,b)`; holds where the label is not there, too.
    record NotIn(String key, Set<String> values) implements Requirement {
      public NotIn {
        values = Set.copyOf(values);
      }

      @Override
      public boolean holds(Labels labels) {
        String value = labels.label(key);
        return value == null || !values.contains(value);
      }

      @Override
      public String text() {
        return values.size() == 1
            ? key + "!=" + values.iterator().next()
            : key + " notin " + listed(values);
      }
    }

    /// `key`.
    record Present(String key) implements Requirement {
      @Override
      public boolean holds(Labels labels) {
        return labels.label(key) != null;
      }

      @Override
      public String text() {
        return key;
      }
    }

    /// `!key`.
    record Absent(String key) implements Requirement {
      @Override
      public boolean holds(Labels labels) {
        return labels.label(key) == null;
      }

      @Override
      public String text() {
        return "!" + key;
      }
    }
  }

  private static String listed(Set<String> values) {
    return "(" + String.join(",", new TreeSet<>(values)) + ")";
  }
}
