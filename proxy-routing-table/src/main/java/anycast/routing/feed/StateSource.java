package anycast.routing.feed;

import java.io.IOException;
import java.util.Set;

/// The one way by which state comes in: a stream of rows per table, snapshot first.
///
/// **Threading.** The source calls its sink from threads of its own, one at a time for each table,
/// and may block there: that is the back-pressure. **Faults.** A source never gives up and never
/// throws through: a lost stream is an event.
public interface StateSource extends AutoCloseable {
  /// What it follows; never changes.
  Set<Table> tables();

  /// Begins to follow. Called once.
  void start(Sink sink);

  /// Asks for a whole new snapshot of one table, e.g. because a position is missing. Returns at
  /// once; the table's next [SourceEvent.SnapshotBegun] answers it.
  void resnapshot(Table table);

  /// Ends every stream and goes on where it was: called when streams that should speak are silent,
  /// as a half-open socket is. Returns at once; [SourceEvent.Lost] and what follows it answer.
  void reopen();

  /// Reads a whole table once, beside its stream, for an audit. Waits for it.
  ///
  /// @param rows told each row, on the caller's thread
  /// @return where the table stood; its stream and position compare with the followed stream's only
  ///   where both name the same stream
  /// @throws IOException where it could not be read to its end: what was told is then worth nothing
  Watermark read(Table table, RowSink rows) throws IOException, InterruptedException;

  /// Ends all streams and threads. No event follows.
  @Override
  void close();

  /// Takes events in.
  @FunctionalInterface
  interface Sink {
    /// Waits while the receiver is behind.
    void offer(SourceEvent event) throws InterruptedException;
  }

  /// Takes the rows of one reading.
  @FunctionalInterface
  interface RowSink {
    void row(long rowid, Cells cells);
  }
}
