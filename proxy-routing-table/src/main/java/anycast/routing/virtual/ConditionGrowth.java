package anycast.routing.virtual;

import anycast.routing.model.rule.Condition;
import anycast.routing.virtual.ConditionTree.Asked;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Grows a [ConditionTree].
///
/// **Limits.** A question must spare at least a 64th of the rules, so that a chain of rests has at
/// most 64 · ln(rules) nodes and growing looks at each rule at most 64 times for each of its
/// conditions: 10,000 rules on one path grow in milliseconds whatever they are.
final class ConditionGrowth {
  /// So few are tried as fast as a table is asked.
  private static final int FEW = 4;

  private static final int LEAST_SHARE = 64;

  /// A rule of more methods is copied into no branch for each of them: it stays in the rest.
  private static final int MAX_METHODS = 16;

  private ConditionGrowth() {}

  /// @param rules ascending by rank
  static ConditionTree of(List<Wants> rules) {
    // The first of equals leaves the others nothing.
    Set<Wants> seen = HashSet.newHashSet(rules.size());
    return grow(
        rules.stream()
            .filter(wants -> seen.add(new Wants(0, wants.methods(), wants.port(), wants.checks())))
            .toList());
  }

  private static ConditionTree grow(List<Wants> rules) {
    List<Wants> live = reachable(rules);
    Asked asked = live.size() <= FEW ? null : best(live);
    if (asked == null) {
      return ConditionTree.leaf(live);
    }
    Map<String, List<Wants>> branches = new HashMap<>();
    List<Wants> rest = new ArrayList<>();
    for (Wants wants : live) {
      if (!part(asked, wants, branches)) {
        rest.add(wants);
      }
    }
    Map<String, ConditionTree> grown = HashMap.newHashMap(branches.size());
    branches.forEach((value, part) -> grown.put(value, grow(part)));
    return ConditionTree.node(asked, grown, grow(rest));
  }

  /// Up to the first that wants nothing: it leaves nothing to those behind it, here.
  private static List<Wants> reachable(List<Wants> rules) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).isAnything()) {
        return rules.subList(0, i + 1);
      }
    }
    return rules;
  }

  /// @return null where no question spares enough
  private static Asked best(List<Wants> rules) {
    Map<Asked, Map<String, Integer>> counts = new HashMap<>();
    Map<Asked, Integer> keyed = new HashMap<>();
    Set<Asked> once = new HashSet<>();
    for (Wants wants : rules) {
      once.clear();
      if (isByMethod(wants)) {
        wants.methods().forEach(method -> count(counts, Asked.METHOD, method));
        once.add(Asked.METHOD);
      }
      if (wants.port() != 0) {
        count(counts, Asked.PORT, Integer.toString(wants.port()));
        once.add(Asked.PORT);
      }
      for (Check check : wants.checks()) {
        if (isEquality(check) && once.add(check.asked())) {
          count(counts, check.asked(), check.condition().value());
        }
      }
      once.forEach(asked -> keyed.merge(asked, 1, Integer::sum));
    }
    Asked best = null;
    int most = Math.max(1, rules.size() / LEAST_SHARE) - 1;
    for (Map.Entry<Asked, Map<String, Integer>> one : counts.entrySet()) {
      int largest = one.getValue().values().stream().mapToInt(Integer::intValue).max().orElse(0);
      int spared = keyed.get(one.getKey()) - largest;
      boolean before = best != null && one.getKey().compareTo(best) < 0;
      if (spared > most || spared == most && before) {
        most = spared;
        best = one.getKey();
      }
    }
    return best;
  }

  private static void count(Map<Asked, Map<String, Integer>> counts, Asked asked, String value) {
    counts.computeIfAbsent(asked, _ -> new HashMap<>()).merge(value, 1, Integer::sum);
  }

  /// @return false where the rule does not want anything there: it belongs to the rest
  private static boolean part(Asked asked, Wants wants, Map<String, List<Wants>> branches) {
    switch (asked.place()) {
      case METHOD -> {
        if (!isByMethod(wants)) {
          return false;
        }
        wants.methods().forEach(method -> add(branches, method, wants.withoutMethods()));
      }
      case PORT -> {
        if (wants.port() == 0) {
          return false;
        }
        add(branches, Integer.toString(wants.port()), wants.withoutPort());
      }
      case HEADER, COOKIE, QUERY -> {
        Check check = equality(asked, wants);
        if (check == null) {
          return false;
        }
        add(branches, check.condition().value(), wants.without(check));
      }
    }
    return true;
  }

  private static void add(Map<String, List<Wants>> branches, String value, Wants wants) {
    branches.computeIfAbsent(value, _ -> new ArrayList<>()).add(wants);
  }

  /// Of several values wanted under one name, the first.
  private static Check equality(Asked asked, Wants wants) {
    for (Check check : wants.checks()) {
      if (isEquality(check) && check.asked().equals(asked)) {
        return check;
      }
    }
    return null;
  }

  private static boolean isEquality(Check check) {
    return check.condition().test() == Condition.Test.EQUALS;
  }

  private static boolean isByMethod(Wants wants) {
    return !wants.methods().isEmpty() && wants.methods().size() <= MAX_METHODS;
  }
}
