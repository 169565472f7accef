package anycast.routing.admission;

/// An entry that is not in force, and not to blame: it waits for its turn.
///
/// @param table the table of its row, by name
/// @param key the key of its row as an operator writes it
/// @param why what it waits for
/// @param reason the same in one sentence
/// @param sinceMillis wall clock
/// @param untilMillis wall clock at which its turn comes; 0 where nobody knows yet
/// @param previousServes whether a version before it is in force
public record HeldEntry(
    ContentHash hash,
    String table,
    String key,
    Why why,
    String reason,
    long sinceMillis,
    long untilMillis,
    boolean previousServes) {
  /// What an entry waits for.
  public enum Why {
    /// It was not stable when the process before ended: tried alone, last.
    SUSPECT,
    /// Other instances take it first.
    SECOND_WAVE
  }
}
