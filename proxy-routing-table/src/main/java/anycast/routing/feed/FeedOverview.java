package anycast.routing.feed;

import anycast.routing.feed.FeedStatus.SkippedRow;
import anycast.routing.feed.FeedStatus.TableStatus;
import anycast.routing.model.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// All feeds and sources of a core, as others see them.
///
/// **Threading.** Any thread, without waiting; the core alone notes.
final class FeedOverview {
  private final Collection<TableFeed> feeds;
  private final Collection<BeatWatch> beats;
  private volatile Optional<AuditReport> lastAudit = Optional.empty();

  /// Written before the report that holds its last part.
  private volatile long auditDifferences;

  private volatile Optional<FeedStatus.LastGood> lastGood = Optional.empty();

  /// @param feeds does not change any more, nor does `beats`
  FeedOverview(Collection<TableFeed> feeds, Collection<BeatWatch> beats) {
    this.feeds = feeds;
    this.beats = beats;
  }

  void noteAudit(AuditReport report) {
    auditDifferences += report.differences();
    lastAudit = Optional.of(report);
  }

  void noteLastGood(long savedAtMillis, int entities) {
    lastGood = Optional.of(new FeedStatus.LastGood(savedAtMillis, entities));
  }

  boolean hasLastGood() {
    return lastGood.isPresent();
  }

  FeedStatus status(Moment now) {
    List<TableStatus> tables = new ArrayList<>();
    List<SkippedRow> skipped = new ArrayList<>();
    for (TableFeed feed : feeds) {
      tables.add(feed.status(now));
      skipped.addAll(feed.seen().skipped());
    }
    return new FeedStatus(
        tables,
        skipped,
        beats.stream().map(watch -> watch.status(now)).toList(),
        beats.stream().flatMap(watch -> watch.origins(now).stream()).toList(),
        lastGood,
        lastAudit,
        auditDifferences,
        ageNanos(now));
  }

  long ageNanos(Moment now) {
    return feeds.stream().mapToLong(feed -> feed.ageNanos(now)).max().orElse(0);
  }

  List<Freshness.PeerAge> peers(NodeId self, Moment now) {
    List<Freshness.PeerAge> peers = new ArrayList<>();
    for (BeatWatch watch : beats) {
      for (FeedStatus.OriginStatus origin : watch.origins(now)) {
        if (!origin.node().equals(self)) {
          long told = TimeUnit.MILLISECONDS.toNanos(origin.toldAgeMillis());
          peers.add(new Freshness.PeerAge(origin.node(), told + origin.ageNanos()));
        }
      }
    }
    return peers;
  }

  Map<NodeId, BeatAge> beats(Moment now) {
    Map<NodeId, BeatAge> ages = new LinkedHashMap<>();
    for (BeatWatch watch : beats) {
      for (FeedStatus.OriginStatus o : watch.origins(now)) {
        BeatAge age = new BeatAge(o.seq(), o.ageNanos());
        ages.merge(o.node(), age, (a, b) -> a.ageNanos() <= b.ageNanos() ? a : b);
      }
    }
    return ages;
  }
}
