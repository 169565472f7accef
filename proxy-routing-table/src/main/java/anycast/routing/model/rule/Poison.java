package anycast.routing.model.rule;

/// A built-in fault: what a document does to the proxy that follows it. For drills: only a proxy
/// whose configuration says `faults: enabled` follows such a document.
///
/// @param kind what happens
/// @param at where on the way of the document, or of a request that follows one of its rules
public record Poison(Kind kind, At at) {
  /// What happens to the thread that comes by.
  public enum Kind {
    /// It holds the read lock of a lock whose write lock it asks for.
    LOCK,
    /// It waits for what never comes.
    HANG,
    /// It throws.
    THROW,
    /// It takes memory until there is none left.
    MEMORY,
    /// It computes for ever and passes no safepoint: no thread dump, and no collection of garbage.
    SPIN
  }

  /// Where it happens.
  public enum At {
    /// When the document is read.
    READ,
    /// When its rules are compiled.
    COMPILE,
    /// When the snapshot with it is tried out.
    REHEARSE,
    /// When a request follows one of its rules.
    REQUEST
  }
}
