package anycast.routing.feed;

/// Why the table changed.
public enum Cause {
  /// A whole snapshot of a table differed from what was in force.
  SNAPSHOT,
  /// A stream said that a row changed.
  CHANGE,
  /// An audit found what readers see to differ from what the feed holds.
  AUDIT,
  /// An operator accepted that withheld rows go.
  OPERATOR,
  /// It had waited until it might be put in force.
  ADMISSION,
  /// It was read from disk, before any source spoke.
  LAST_GOOD
}
