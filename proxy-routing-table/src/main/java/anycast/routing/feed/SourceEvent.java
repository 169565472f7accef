package anycast.routing.feed;

/// What a source says about one table. The events of one table are ordered: `Begun Row* Ended
/// Changed* Lost`, then either `Begun …` (a new snapshot) or `Resumed Changed*`.
public sealed interface SourceEvent {
  Table table();

  /// A whole new snapshot begins; what was known stays in force until it has ended.
  record SnapshotBegun(Table table) implements SourceEvent {}

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
