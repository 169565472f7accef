package anycast.routing.model.rule;

/// One rule: which requests, and what becomes of them.
///
/// @param name unique within its virtual service, for logs and the operator
/// @param poison a built-in fault of its document; null = none, as everywhere outside of drills
public record Rule(String name, Match match, Action action, Poison poison) {
  /// One without a built-in fault.
  public Rule(String name, Match match, Action action) {
    this(name, match, action, null);
  }

  /// The same, with its document's built-in fault.
  public Rule poisoned(Poison by) {
    return new Rule(name, match, action, by);
  }
}
