package anycast.routing.feed;

import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the log of state as a whole: the tables' streams come and go together, as their source
/// does, so the first loss is told, and the return of the last.
///
/// **Threading.** The core's.
final class StateLog {
  private static final Logger LOG = LoggerFactory.getLogger(StateLog.class);

  private enum Told {
    NOTHING,
    LOSS,
    WHOLE
  }

  private Told told = Told.NOTHING;

  void onLoss(FeedId feed, String reason) {
    if (told == Told.LOSS) {
      LOG.debug("{}: stream lost: {}", feed, reason);
    } else {
      LOG.warn("state lost, what is known stays in force: {}: {}", feed, reason);
      told = Told.LOSS;
    }
  }

  void onBatch(Collection<TableFeed> feeds) {
    if (told == Told.WHOLE || !feeds.stream().allMatch(TableFeed::following)) {
      return;
    }
    told = Told.WHOLE;
    int rows = feeds.stream().mapToInt(f -> f.mirror().rows().keyCount()).sum();
    int skipped = feeds.stream().mapToInt(f -> f.mirror().rows().skippedCount()).sum();
    LOG.info("state is followed: {} tables, {} rows", feeds.size(), rows);
    if (skipped > 0) {
      LOG.warn("{} rows of state cannot be used; the status page names them", skipped);
    }
  }
}
