package anycast.routing.review;

import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import java.util.Collections;
import java.util.List;

/// What two matches on the same path have to do with each other.
final class Cover {
  private Cover() {}

  /// Whether `wide` takes every request that `narrow` takes. Never true where it is not so; where
  /// only the values of many conditions together would show it, false.
  static boolean covers(Match wide, Match narrow) {
    return (wide.methods().isEmpty()
            || !narrow.methods().isEmpty() && wide.methods().containsAll(narrow.methods()))
        && (wide.port() == 0 || wide.port() == narrow.port())
        && allImplied(wide.headers(), narrow.headers())
        && allImplied(wide.cookies(), narrow.cookies())
        && allImplied(wide.query(), narrow.query());
  }

  /// Whether a request that has no name twice can be taken by both.
  static boolean meet(Match one, Match other) {
    return (one.methods().isEmpty()
            || other.methods().isEmpty()
            || !Collections.disjoint(one.methods(), other.methods()))
        && (one.port() == 0 || other.port() == 0 || one.port() == other.port())
        && noneExcluded(one.headers(), other.headers())
        && noneExcluded(one.cookies(), other.cookies())
        && noneExcluded(one.query(), other.query());
  }

  private static boolean allImplied(List<Condition> wanted, List<Condition> given) {
    for (Condition want : wanted) {
      if (given.stream().noneMatch(one -> implies(one, want))) {
        return false;
      }
    }
    return true;
  }

  private static boolean implies(Condition given, Condition want) {
    if (!given.name().equals(want.name())) {
      return false;
    }
    return switch (want.test()) {
      case EQUALS -> given.equals(want);
      case STARTS_WITH -> begins(given, want);
      case PRESENT -> given.test() != Condition.Test.ABSENT;
      case ABSENT -> given.test() == Condition.Test.ABSENT;
    };
  }

  private static boolean noneExcluded(List<Condition> some, List<Condition> others) {
    for (Condition one : some) {
      for (Condition other : others) {
        if (one.name().equals(other.name()) && !together(one, other)) {
          return false;
        }
      }
    }
    return true;
  }

  /// Whether one value, or none, can be what both want.
  private static boolean together(Condition one, Condition other) {
    if (one.test() == Condition.Test.ABSENT || other.test() == Condition.Test.ABSENT) {
      return one.test() == other.test();
    }
    if (one.test() == Condition.Test.PRESENT || other.test() == Condition.Test.PRESENT) {
      return true;
    }
    if (one.test() == Condition.Test.EQUALS && other.test() == Condition.Test.EQUALS) {
      return one.value().equals(other.value());
    }
    return begins(one, other) || begins(other, one);
  }

  /// Whether what `given` wants begins as `start` wants.
  private static boolean begins(Condition given, Condition start) {
    return start.test() == Condition.Test.STARTS_WITH
        && (given.test() == Condition.Test.EQUALS || given.test() == Condition.Test.STARTS_WITH)
        && given.value().startsWith(start.value());
  }
}
