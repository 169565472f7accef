package anycast.routing.admission;

/// A change that waits, as it is shown.
///
/// @param table the table of its row, by name
/// @param key the key of its row as an operator writes it
/// @param sinceMillis wall clock
/// @param untilMillis wall clock, as far as it is known; 0 = not
/// @param detail one sentence, or empty
public record HeldEntry(
    ContentHash hash,
    String table,
    String key,
    Verdict.Why why,
    long sinceMillis,
    long untilMillis,
    String detail) {}
