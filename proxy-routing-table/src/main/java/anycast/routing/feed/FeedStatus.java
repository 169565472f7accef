package anycast.routing.feed;

import anycast.routing.model.NodeId;
import java.util.List;
import java.util.Optional;

/// What the follower knows about its feeds, for an operator.
///
/// @param tables one for each table of each source
/// @param skipped rows that could not be used, at most [#MAX_NAMED_ROWS] a feed
/// @param origins each node's last sign of life
/// @param lastGood what was read from disk at the start; empty = nothing
/// @param audit the last one; empty = none yet
/// @param auditDifferences what all audits found since the start
/// @param ageNanos how old what is known is: the oldest of all feeds
public record FeedStatus(
    List<TableStatus> tables,
    List<SkippedRow> skipped,
    List<SourceStatus> sources,
    List<OriginStatus> origins,
    Optional<LastGood> lastGood,
    Optional<AuditReport> audit,
    long auditDifferences,
    long ageNanos) {
  /// Rows named one by one; the count goes on beyond. Enough to see a pattern, small enough to
  /// read.
  public static final int MAX_NAMED_ROWS = 100;

  /// Resnapshots remembered with their reasons, a feed.
  public static final int MAX_REASONS = 8;

  public FeedStatus {
    tables = List.copyOf(tables);
    skipped = List.copyOf(skipped);
    sources = List.copyOf(sources);
    origins = List.copyOf(origins);
  }

  /// Whether there is something to serve: every table was complete at least once, or last-good was
  /// read.
  public boolean loaded() {
    return lastGood.isPresent() || complete();
  }

  /// Whether every table was complete at least once since the start.
  public boolean complete() {
    return tables.stream().allMatch(TableStatus::loaded);
  }

  /// Whether what is served is what was on disk, at least in part.
  public boolean servesLastGood() {
    return lastGood.isPresent() && !complete();
  }

  /// One table of one source.
  ///
  /// @param connected whether its stream is up now
  /// @param loaded whether a whole snapshot was taken in at least once
  /// @param watermark where it stands
  /// @param rows rows that the source's mirror has in force
  /// @param skipped rows that could not be used
  /// @param previousServes those of the skipped ones whose version before is in force in their
  ///   place
  /// @param retained rows in force that no stream vouches for
  /// @param ageNanos time since the last event; -1 = there was none
  /// @param snapshots whole snapshots taken in
  /// @param changes single changes taken in
  /// @param resnapshots how often a new snapshot was asked for, or came because the stream could
  ///   not go on
  /// @param reasons the last resnapshots, oldest first, at most [#MAX_REASONS]
  /// @param lastLoss why the stream was last lost or its snapshot asked anew; empty = never
  public record TableStatus(
      FeedId feed,
      boolean connected,
      boolean loaded,
      Watermark watermark,
      int rows,
      int skipped,
      int previousServes,
      Optional<Retained> retained,
      long ageNanos,
      long snapshots,
      long changes,
      long resnapshots,
      List<Resnapshot> reasons,
      String lastLoss) {
    public TableStatus {
      reasons = List.copyOf(reasons);
    }

    public Table table() {
      return feed.table();
    }
  }

  /// Rows in force that no stream vouches for.
  ///
  /// @param why in a sentence
  /// @param sinceMillis wall clock
  /// @param untilMillis wall clock from which on another snapshot that lacks them removes them; 0 =
  ///   the feed's first snapshot decides
  public record Retained(int rows, String why, long sinceMillis, long untilMillis) {}

  /// Why a snapshot was asked anew.
  public record Resnapshot(long atMillis, String reason) {}

  /// One source.
  ///
  /// @param beatAgeNanos time since any of its beats last moved; -1 = none was ever seen
  /// @param reopened how often its streams were opened anew, because they were silent
  public record SourceStatus(String source, long beatAgeNanos, long reopened) {}

  /// A node, as one source tells of it.
  ///
  /// @param ageNanos time since this process first saw `seq`
  /// @param toldAgeMillis how old what that node knew was when it wrote
  public record OriginStatus(
      String source, NodeId node, long seq, long ageNanos, long toldAgeMillis) {}

  /// What was read from disk at the start.
  ///
  /// @param savedAtMillis wall clock when it was saved
  public record LastGood(long savedAtMillis, int entities) {}

  /// A row that is not in force.
  ///
  /// @param row its key as far as it is legible, else its rowid
  /// @param previousServes whether the version before it is in force in its place
  public record SkippedRow(FeedId feed, String row, String reason, boolean previousServes) {
    public Table table() {
      return feed.table();
    }
  }
}
