package anycast.routing.admission;

/// Where on its way an entry, or a request that follows it, is. The order is that of the way; the
/// ordinal stands in flight files, so constants are only added at the end.
public enum Stage {
  /// Nothing is worked on.
  IDLE,
  /// A document is read and checked.
  VALIDATE,
  /// The next snapshot is made.
  COMPILE,
  /// The next snapshot answers lookups on trial.
  REHEARSE,
  /// It is put in force.
  PUBLISH,
  /// A request looks for its host and rule.
  ROUTE,
  /// A request follows a rule.
  RULE,
  /// A request looks for an instance.
  PICK,
  /// A request or a response passes.
  RELAY
}
