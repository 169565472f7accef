package anycast.routing.feed;

/// The one way by which state comes in: a stream of rows per table, snapshot first.
///
/// **Threading.** The source calls its sink from threads of its own, one at a time for each table,
/// and may block there: that is the back-pressure. **Faults.** A source never gives up and never
/// throws through: a lost stream is an event.
public interface StateSource extends AutoCloseable {
  /// Begins to follow all tables. Called once.
  void start(Sink sink);

  /// Asks for a whole new snapshot of one table, e.g. because a position is missing. Returns at
  /// once; the table's next [SourceEvent.SnapshotBegun] answers it.
  void resnapshot(Table table);

  /// Ends all streams and threads. No event follows.
  @Override
  void close();

  /// Takes events in.
  @FunctionalInterface
  interface Sink {
    /// Waits while the receiver is behind.
    void offer(SourceEvent event) throws InterruptedException;
  }
}
