package anycast.routing.admission;

/// What is kept out, and why.
///
/// @param hash what it says
/// @param table the table of its row, by name
/// @param key the key of its row as an operator writes it
/// @param stage where it did harm
/// @param reason one sentence
/// @param detail stack or dump, several lines; empty where there is none
/// @param sinceMillis wall clock
/// @param untilMillis wall clock at which it may be tried again
/// @param previousServes whether a version before it is in force
public record QuarantineEntry(
    ContentHash hash,
    String table,
    String key,
    Stage stage,
    String reason,
    String detail,
    long sinceMillis,
    long untilMillis,
    boolean previousServes) {
  /// The same of a row whose name is known by now.
  QuarantineEntry named(String its, String name) {
    return new QuarantineEntry(
        hash, its, name, stage, reason, detail, sinceMillis, untilMillis, previousServes);
  }

  /// As the clock was set.
  QuarantineEntry moved(long millis) {
    return new QuarantineEntry(
        hash,
        table,
        key,
        stage,
        reason,
        detail,
        sinceMillis + millis,
        untilMillis + millis,
        previousServes);
  }

  /// @param most characters of the detail
  QuarantineEntry cut(int most) {
    return detail.length() <= most
        ? this
        : new QuarantineEntry(
            hash,
            table,
            key,
            stage,
            reason,
            detail.substring(0, most),
            sinceMillis,
            untilMillis,
            previousServes);
  }
}
