package anycast.backhaul.runtime;

import anycast.routing.feed.FeedId;
import anycast.routing.feed.FeedStatus;
import anycast.routing.feed.FeedStatus.OriginStatus;
import anycast.routing.feed.FeedStatus.SourceStatus;
import anycast.routing.feed.FeedStatus.TableStatus;
import anycast.routing.feed.Freshness;
import anycast.routing.feed.lastgood.LastGoodStatus;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/// What `/metrics` says of the feed. The feed is asked once a scrape, and all its gauges tell of
/// that moment.
///
/// **Threading.** Admin threads; a scrape beside another one may show the other's moment.
public final class FeedMetrics {
  private final FeedPages feed;
  private volatile Seen seen;

  private record Seen(FeedStatus status, Freshness.Verdict verdict) {}

  private FeedMetrics(FeedPages feed) {
    this.feed = feed;
    this.seen = new Seen(feed.status(), feed.freshness());
  }

  /// Adds the feed's numbers to `counters`.
  ///
  /// @return the page `/metrics`, to be served in place of [Counters#metrics]
  public static AdminAnswer bind(FeedPages feed, Counters counters) {
    FeedMetrics metrics = new FeedMetrics(feed);
    metrics.bindProcess(counters);
    QuarantineMetrics.bind(feed.desk(), counters);
    metrics.seen.status().sources().forEach(one -> metrics.bindSource(counters, one.source()));
    metrics.seen.status().tables().forEach(table -> metrics.bindFeed(counters, table.feed()));
    AdminAnswer page = counters.metrics();
    return query -> {
      metrics.look();
      return page.answer(query);
    };
  }

  private void look() {
    seen = new Seen(feed.status(), feed.freshness());
  }

  private void bindProcess(Counters counters) {
    counters.gauge(
        "state.age.seconds",
        "How old the state that is served is: that of the oldest feed.",
        () -> seconds(seen.verdict().ageNanos()));
    counters.gauge(
        "state.ready",
        "0 while state is too old here and a peer is known to have it fresher, else 1.",
        () -> StateView.Fresh.of(seen.verdict()).ready() ? 1 : 0);
    counters.gauge(
        "beats.age.max.seconds",
        "Time since the quietest node's last sign of life; a rise is a node or its writer gone.",
        () ->
            seconds(
                seen.status().origins().stream()
                    .mapToLong(OriginStatus::ageNanos)
                    .max()
                    .orElse(0)));
    if (feed.onDisk().isPresent()) {
      counters.gauge(
          "last.good.saved.version",
          "Version of the table on disk; 0 before this process saved one.",
          () -> feed.onDisk().map(disk -> disk.saved().version()).orElse(0L));
      counters.counter(
          "last.good.failures",
          "Savings of the table that failed: the next start without state begins with an older"
              + " one.",
          Map.of(),
          () -> feed.onDisk().map(LastGoodStatus::failures).orElse(0L));
    }
    counters.counter(
        "audit.differences",
        "Rows that audits found to be wrong; all are repaired.",
        Map.of(),
        () -> seen.status().auditDifferences());
  }

  private void bindSource(Counters counters, String source) {
    counters.counter(
        "source.reopened",
        "Times that all streams of a source were opened anew, because its beats stood still: a rise"
            + " is a connection that is dead without saying so.",
        Map.of("source", source),
        () ->
            seen.status().sources().stream()
                .filter(one -> one.source().equals(source))
                .mapToDouble(SourceStatus::reopened)
                .sum());
  }

  private void bindFeed(Counters counters, FeedId id) {
    Map<String, String> tags = Map.of("source", id.source(), "table", id.table().label());
    counters.gauge(
        "feed.age.seconds",
        "Time since the feed's last event; -1 where there was none.",
        tags,
        () -> of(id, table -> table.ageNanos() < 0 ? -1 : seconds(table.ageNanos())));
    counters.gauge(
        "feed.connected",
        "1 while the feed's stream is up, else 0.",
        tags,
        () -> of(id, table -> table.connected() ? 1 : 0));
    counters.gauge(
        "feed.rows", "Rows that the feed has in force.", tags, () -> of(id, TableStatus::rows));
    counters.gauge(
        "feed.retained.rows",
        "Rows in force that their source has not confirmed; they go by time, or by proxyctl"
            + " accept.",
        tags,
        () -> of(id, table -> table.retained().map(FeedStatus.Retained::rows).orElse(0)));
    counters.gauge(
        "feed.skipped.rows",
        "Rows that could not be used; proxyctl state names them.",
        tags,
        () -> of(id, TableStatus::skipped));
    counters.counter(
        "feed.resnapshots",
        "Snapshots taken anew: a rise says that streams could not go on; proxyctl state says why.",
        tags,
        () -> of(id, TableStatus::resnapshots));
  }

  private double of(FeedId id, ToDoubleFunction<TableStatus> value) {
    for (TableStatus table : seen.status().tables()) {
      if (table.feed().equals(id)) {
        return value.applyAsDouble(table);
      }
    }
    return 0;
  }

  private static double seconds(long nanos) {
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }
}
