package anycast.routing.feed;

import java.util.List;

/// What an audit found: what a fresh reading of each source, the feed's mirrors and what readers
/// see say of each other.
///
/// @param atMillis wall clock when it ended
/// @param tookMillis from the first reading to the last comparison
/// @param tables one for each feed that was to be audited
/// @param named differences one by one, at most [#MAX_NAMED]; the tables' counts go on beyond
public record AuditReport(
    long atMillis, long tookMillis, List<TableAudit> tables, List<Difference> named) {
  /// Enough to see a pattern, small enough to read.
  public static final int MAX_NAMED = 100;

  public AuditReport {
    tables = List.copyOf(tables);
    named = List.copyOf(named);
  }

  /// All differences that were found.
  public long differences() {
    return tables.stream().mapToLong(t -> t.missing() + t.ghosts() + t.different()).sum();
  }

  /// One feed.
  ///
  /// @param notCompared why it was not; empty = it was
  /// @param rows that were compared
  /// @param missing rows that were not where they should be
  /// @param ghosts rows that should not have been there
  /// @param different rows of the same key that were not equal
  /// @param repaired differences that a delta put right at once
  /// @param resnapshot whether a new snapshot was asked for, because the mirror was wrong
  public record TableAudit(
      FeedId feed,
      String notCompared,
      long rows,
      long missing,
      long ghosts,
      long different,
      long repaired,
      boolean resnapshot) {}

  /// One difference.
  ///
  /// @param where `MIRROR`: the mirror differs from its source; `TABLE`: what readers see differs
  ///   from the mirror
  /// @param row the row's key, legible
  public record Difference(FeedId feed, Where where, Kind kind, String row) {}

  /// Which side is wrong.
  public enum Where {
    MIRROR,
    TABLE
  }

  /// How it is wrong.
  public enum Kind {
    MISSING,
    GHOST,
    DIFFERENT
  }
}
