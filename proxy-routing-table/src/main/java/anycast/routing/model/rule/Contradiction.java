package anycast.routing.model.rule;

import anycast.routing.model.rule.LabelSelector.Requirement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whether requirements on one key exclude each other. Requirements on different keys never do.
final class Contradiction {
  private Contradiction() {}

  /// @param requirements sorted by key
  /// @return in words, empty where there is none
  static String in(List<Requirement> requirements) {
    for (int i = 0; i < requirements.size(); ) {
      String key = requirements.get(i).key();
      int from = i;
      while (i < requirements.size() && requirements.get(i).key().equals(key)) {
        i++;
      }
      if (excluded(key, requirements.subList(from, i))) {
        return "no value of '" + key + "' satisfies all that is required of it";
      }
    }
    return "";
  }

  private static boolean excluded(String key, List<Requirement> requirements) {
    boolean mayBeAbsent = !LabelSelector.BUILT_IN.contains(key);
    boolean mayBePresent = true;
    Set<String> values = null; // null = every value
    Set<String> without = new HashSet<>();
    for (Requirement requirement : requirements) {
      switch (requirement) {
        case Requirement.In in -> {
          mayBeAbsent = false;
          if (values == null) {
            values = new HashSet<>(in.values());
          } else {
            values.retainAll(in.values());
          }
        }
        case Requirement.NotIn not -> without.addAll(not.values());
        case Requirement.Present _ -> mayBeAbsent = false;
        case Requirement.Absent _ -> mayBePresent = false;
      }
    }
    if (values != null) {
      values.removeAll(without);
      mayBePresent &= !values.isEmpty();
    }
    return !mayBeAbsent && !mayBePresent;
  }
}
