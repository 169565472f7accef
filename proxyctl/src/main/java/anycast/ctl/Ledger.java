package anycast.ctl;

import anycast.routing.feed.Table;
import java.io.IOException;
import java.util.List;

/// A state as one who changes virtual services sees it: the rows that proxies follow, and every
/// version that each virtual service had.
///
/// A change names the [Head] that it was made from. Where that does not stand any more, nothing is
/// written: of two writers, one learns that it was not alone.
///
/// **Threading.** One caller. **Limits.** Of each name the last [#KEPT] versions are kept.
/// **Faults.** An `IOException` in words for the operator.
sealed interface Ledger extends AutoCloseable permits StoreLedger, BucketLedger {
  /// Half a year of working days with four changes a week; a document has some kB.
  int KEPT = 100;

  /// What is to be written.
  ///
  /// @param from what the change was made from
  /// @param to the new version; its generation is `from.next()`
  record Step(Head from, Version to) {}

  /// What came of it.
  sealed interface Written {
    /// All stand.
    record Took() implements Written {}

    /// Somebody else wrote meanwhile.
    ///
    /// @param name the first of which this was noticed
    /// @param before steps that stand all the same; always 0 in a store
    record Lost(String name, int before) implements Written {}
  }

  /// Rows as they stand.
  StatePlace place();

  /// All rows of a table, in no order.
  default List<StateRow> read(Table table) throws IOException, InterruptedException {
    return place().read(table);
  }

  Head head(String name) throws IOException, InterruptedException;

  /// Newest first; the one in force is the first, where it is known who wrote it.
  List<Version> versions(String name) throws IOException, InterruptedException;

  /// Writes all steps, or as many as came before the first that was lost.
  Written write(List<Step> steps) throws IOException, InterruptedException;

  /// Writes and removes rows that no versions are kept of: together where the place can, else what
  /// is removed first.
  void write(Table table, List<StateRow> rows, List<StateRow> gone)
      throws IOException, InterruptedException;

  @Override
  void close();
}
