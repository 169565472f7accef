package anycast.backhaul.worker;

import anycast.backhaul.exchange.RecentExchanges;
import anycast.backhaul.link.LinkAcceptor;
import anycast.backhaul.link.LinkView;
import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.FeedMetrics;
import anycast.backhaul.runtime.FeedPages;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.StatusView;
import anycast.backhaul.runtime.TableViews;
import anycast.backhaul.watchdog.Vitals;
import anycast.routing.feed.StatePublisher;
import anycast.routing.pick.Locality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A worker's answers on its admin socket.
///
/// **Threading.** Admin threads; reads what the loops have published and waits for none of them.
final class WorkerPages {
  private final Locality self;
  private final HostPort bound;
  private final TableViews table;
  private final Sources sources;
  private final Counters counters;

  /// The parts that are asked.
  record Sources(
      Vitals vitals,
      FeedPages feed,
      StatePublisher publisher,
      LinkAcceptor acceptor,
      RecentExchanges recent) {}

  /// All links of the process.
  record Links(List<LinkView> links) {}

  WorkerPages(Locality self, HostPort bound, TableViews table, Sources sources, Counters counters) {
    this.self = self;
    this.bound = bound;
    this.table = table;
    this.sources = sources;
    this.counters = counters;
  }

  Map<String, AdminAnswer> pages() {
    Map<String, AdminAnswer> pages = new HashMap<>(table.pages());
    pages.putAll(sources.feed().pages());
    pages.putAll(sources.vitals().pages());
    pages.put("/status", _ -> status());
    pages.put("/links", _ -> new Links(sources.acceptor().views()));
    pages.put("/explain-last", sources.recent());
    pages.put("/metrics", FeedMetrics.bind(sources.feed(), counters));
    return pages;
  }

  private StatusView status() {
    List<String> reasons = new ArrayList<>(sources.vitals().reasons());
    if (!sources.publisher().isPublished()) {
      reasons.add("this node's rows are not in state yet");
    }
    reasons.addAll(sources.feed().reasons());
    return StatusView.of(
        StatusView.Process.self("worker", self.node().value(), self.region().code()),
        reasons,
        List.of(new StatusView.Listener("backhaul", bound.toString(), bound.port(), true)),
        table,
        sources.feed().state(),
        counters);
  }
}
