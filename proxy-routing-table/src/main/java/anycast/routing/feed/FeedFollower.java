package anycast.routing.feed;

import anycast.routing.model.NodeId;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.Map;

/// The single writer of the routing table.
public final class FeedFollower implements AutoCloseable {
  public FeedFollower(
      RoutingTable table, SnapshotBuilder builder, StateSource source, Ticker ticker) {}

  /// Starts the source and the one thread that writes.
  public void start() {
    throw new UnsupportedOperationException("B");
  }

  /// Waits until every table was complete once.
  ///
  /// @return false where `timeout` passed first
  public boolean awaitLoaded(Duration timeout) throws InterruptedException {
    throw new UnsupportedOperationException("B");
  }

  public FeedStatus status() {
    throw new UnsupportedOperationException("B");
  }

  /// Each node's last sign of life.
  public Map<NodeId, BeatAge> beats() {
    throw new UnsupportedOperationException("B");
  }

  /// Takes a whole new snapshot of one table; what is in force stays until it is complete.
  public void resync(Table table) {
    throw new UnsupportedOperationException("B");
  }

  @Override
  public void close() {}
}
