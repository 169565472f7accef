package anycast.ctl;

import anycast.routing.feed.Table;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A state that rows are taken from or brought to: a store, buckets, or a file.
///
/// **Threading.** One caller. **Faults.** An `IOException` in words for the operator.
sealed interface StatePlace extends AutoCloseable permits StoreState, BucketState, FileState {
  /// All rows of a table, in no order.
  List<StateRow> read(Table table) throws IOException, InterruptedException;

  /// Why this row cannot stand here; empty = it can.
  Optional<String> objection(StateRow row);

  /// Called once, before the first writing.
  void prepare() throws IOException, InterruptedException;

  /// Puts rows, whatever stood there, and then removes others: a fleet that follows this meanwhile
  /// never sees an empty table.
  void write(Table table, List<StateRow> rows, List<StateRow> gone)
      throws IOException, InterruptedException;

  /// Called once, after the last writing.
  void finish() throws IOException;

  @Override
  void close();
}
