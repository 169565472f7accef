package anycast.routing.feed;

import java.util.List;

/// What the follower knows about its feed, for an operator.
///
/// @param skipped rows that could not be used, at most [#MAX_NAMED_ROWS] a table
public record FeedStatus(List<TableStatus> tables, List<SkippedRow> skipped) {
  /// Rows named one by one; the count goes on beyond. Enough to see a pattern, small enough to
  /// read.
  public static final int MAX_NAMED_ROWS = 100;

  public FeedStatus {
    tables = List.copyOf(tables);
    skipped = List.copyOf(skipped);
  }

  /// Whether every table was complete at least once.
  public boolean loaded() {
    return tables.stream().allMatch(TableStatus::loaded);
  }

  /// One table's feed.
  ///
  /// @param connected whether its stream is up now
  /// @param loaded whether a whole snapshot was taken in at least once
  /// @param watermark where it stands
  /// @param rows rows in force
  /// @param skipped rows that could not be used
  /// @param ageNanos time since the last event; -1 = there was none
  /// @param snapshots whole snapshots taken in
  /// @param lastLoss why the stream was last lost or its snapshot asked anew; empty = never
  public record TableStatus(
      Table table,
      boolean connected,
      boolean loaded,
      Watermark watermark,
      int rows,
      int skipped,
      long ageNanos,
      long snapshots,
      String lastLoss) {}

  /// A row that is not in force.
  ///
  /// @param row its key as far as it is legible, else its rowid
  public record SkippedRow(Table table, String row, String reason) {}
}
