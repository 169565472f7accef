package anycast.routing.feed;

import java.util.List;
import java.util.OptionalLong;

/// What a source says about one table. The events of one table are ordered: `Begun Row* Ended
/// Changed* Lost`, then either `Begun …` (a new snapshot) or `Resumed Changed*`; a `Together`
/// stands for several `Changed`. A source that takes a snapshot again though nothing failed leaves
/// out the `Lost` before it.
public sealed interface SourceEvent {
  Table table();

  /// A whole new snapshot begins; what was known stays in force until it has ended.
  ///
  /// @param askedNanos when the source asked for it, by the process's ticker: what it says was so
  ///   then, or later; empty = as it begins
  record SnapshotBegun(Table table, OptionalLong askedNanos) implements SourceEvent {
    /// A snapshot that was asked for as it begins.
    public SnapshotBegun(Table table) {
      this(table, OptionalLong.empty());
    }
  }

  /// One row of the snapshot that has begun.
  record Row(Table table, long rowid, Cells cells) implements SourceEvent {}

  /// The snapshot is complete; changes follow from `watermark.position() + 1`.
  record SnapshotEnded(Table table, Watermark watermark) implements SourceEvent {}

  /// The stream goes on where it was lost, without a snapshot.
  record Resumed(Table table) implements SourceEvent {}

  /// One change of a row.
  ///
  /// @param position exactly one more than the position before it, otherwise something is missing
  record Changed(Table table, Kind kind, long rowid, Cells cells, long position)
      implements SourceEvent {}

  /// Changes that take effect together: those of one transaction of one table, if the source tells
  /// where one ends.
  ///
  /// @param changes in order, at least two
  record Together(Table table, List<Changed> changes) implements SourceEvent {
    public Together {
      changes = List.copyOf(changes);
    }
  }

  /// The stream ended, orderly or not. A snapshot in progress is void; the source tries again
  /// itself.
  record Lost(Table table, String reason) implements SourceEvent {}

  /// What happened to the row.
  enum Kind {
    INSERT,
    UPDATE,
    DELETE
  }
}
