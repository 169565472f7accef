package anycast.routing.feed.corrosion;

import anycast.routing.feed.Legible;
import anycast.routing.feed.RejectPace;
import anycast.routing.feed.RejectRow;
import anycast.routing.model.NodeId;
import anycast.routing.time.Ticker;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what a node keeps out, beside its beats and never in one transaction with them: a store
/// that does not know the table yet must not make the node look dead.
///
/// **Threading.** [#write] is one loop's.
final class RejectWrites {
  private static final Logger LOG = LoggerFactory.getLogger(RejectWrites.class);

  private final NodeId node;
  private final Ticker ticker;
  private final RejectPace pace = new RejectPace();

  /// Null = nobody knows.
  private volatile Supplier<List<RejectRow>> rows;

  RejectWrites(NodeId node, Ticker ticker) {
    this.node = node;
    this.ticker = ticker;
  }

  /// Before the first [#write].
  void follow(Supplier<List<RejectRow>> asked) {
    rows = asked;
  }

  /// @param again whether what was written is to be looked at again
  void write(StateClient store, boolean again) throws InterruptedException {
    if (rows == null) {
      return;
    }
    try {
      List<RejectRow> due = pace.next(rows.get(), again, ticker.nanos());
      if (due == null) {
        return;
      }
      for (List<Statement> part : PublishedRows.transactions(PublishedRows.rejects(node, due))) {
        store.transact(part);
      }
      pace.onWritten(due);
    } catch (StateException | RuntimeException e) {
      if (pace.onFailed(ticker.nanos())) {
        LOG.warn("what this node keeps out was not told: {}", Legible.text(e.getMessage()));
      }
    }
  }
}
