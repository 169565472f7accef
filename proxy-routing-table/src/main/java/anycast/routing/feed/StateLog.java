package anycast.routing.feed;

import anycast.routing.feed.FeedStatus.SkippedRow;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the log of state as a whole: the tables' streams come and go together, as their source
/// does, so the first loss is told, and the return of the last.
///
/// Rows that cannot be used are told about when there are more of them than were told, and twice as
/// many as the time before: a reconnect that brings the same ones again, and a source that garbles
/// all, cost next to no lines.
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

  /// How many rows that cannot be used are worth the next line.
  private int skippedNext = 1;

  void onLoss(FeedId feed, String reason) {
    if (told == Told.LOSS) {
      LOG.debug("{}: stream lost: {}", feed, reason);
    } else {
      LOG.warn("state lost, what is known stays in force: {}: {}", feed, reason);
      told = Told.LOSS;
    }
  }

  void onBatch(Collection<TableFeed> feeds) {
    if (!feeds.stream().allMatch(TableFeed::following)) {
      return;
    }
    if (told != Told.WHOLE) {
      told = Told.WHOLE;
      int rows = feeds.stream().mapToInt(f -> f.mirror().rows().keyCount()).sum();
      LOG.info("state is followed: {} tables, {} rows", feeds.size(), rows);
    }
    int skipped = feeds.stream().mapToInt(f -> f.mirror().rows().skippedCount()).sum();
    if (skipped >= skippedNext) {
      warnOf(skipped, feeds);
      skippedNext = 2 * skipped;
    } else if (skipped == 0) {
      skippedNext = 1;
    }
  }

  private static void warnOf(int skipped, Collection<TableFeed> feeds) {
    List<SkippedRow> rows = feeds.stream().flatMap(f -> f.mirror().skipped().stream()).toList();
    String count = skipped == 1 ? "1 row" : skipped + " rows";
    if (rows.isEmpty()) {
      LOG.warn("{} of state cannot be used; proxyctl state names them", count);
    } else {
      SkippedRow one = rows.getLast();
      LOG.warn(
          "{} of state cannot be used, proxyctl state names {}: {} {}: {}, {}",
          count,
          skipped == 1 ? "it" : "them, the last one",
          one.feed(),
          one.row(),
          one.reason(),
          one.previousServes() ? "the version before it serves" : "nothing serves in its place");
    }
  }
}
