package anycast.routing.virtual;

import anycast.routing.model.rule.Condition;

/// A condition with the place that it looks at.
///
/// @param asked place and name, for [ConditionGrowth], which compares these often
record Check(Place place, Condition condition, ConditionTree.Asked asked) {
  /// Of more values under one name, the first 32 are looked at: a request that repeats one header a
  /// thousand times does not cost a thousand lookups.
  static final int MAX_VALUES = 32;

  Check(Place place, Condition condition) {
    this(place, condition, ConditionTree.Asked.of(place, condition.name()));
  }

  /// Where in a request values stand by names, several under one name.
  enum Place {
    HEADER,
    COOKIE,
    QUERY;

    CharSequence value(RequestView request, String name, int index) {
      return switch (this) {
        case HEADER -> request.header(name, index);
        case COOKIE -> request.cookie(name, index);
        case QUERY -> request.query(name, index);
      };
    }
  }

  boolean holds(RequestView request) {
    return switch (condition.test()) {
      case PRESENT -> place.value(request, condition.name(), 0) != null;
      case ABSENT -> place.value(request, condition.name(), 0) == null;
      case EQUALS, STARTS_WITH -> oneHolds(request);
    };
  }

  private boolean oneHolds(RequestView request) {
    boolean whole = condition.test() == Condition.Test.EQUALS;
    for (int i = 0; i < MAX_VALUES; i++) {
      CharSequence value = place.value(request, condition.name(), i);
      if (value == null) {
        return false;
      }
      if (whole ? condition.value().contentEquals(value) : startsWith(value, condition.value())) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(CharSequence value, String start) {
    if (value.length() < start.length()) {
      return false;
    }
    for (int i = 0; i < start.length(); i++) {
      if (value.charAt(i) != start.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
