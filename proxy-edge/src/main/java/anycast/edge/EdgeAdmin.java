package anycast.edge;

import anycast.backhaul.head.Fields;
import anycast.backhaul.link.BackhaulConnector;
import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.BoundedAnswer;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.FeedMetrics;
import anycast.backhaul.runtime.FeedPages;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.StatusView;
import anycast.backhaul.runtime.TableViews;
import anycast.backhaul.watchdog.FlightSlot;
import anycast.backhaul.watchdog.Vitals;
import anycast.edge.listener.ListenerConfig;
import anycast.edge.listener.Listeners;
import anycast.edge.request.Explanation;
import anycast.edge.request.Moment;
import anycast.edge.tls.CertificateStore;
import anycast.edge.tls.CertifiedNames;
import anycast.routing.model.Certificate;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotShelf;
import io.netty.util.AsciiString;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/// What an edge tells its operator.
///
/// **Threading.** Admin threads; reads snapshots and sums, never asks an event loop.
final class EdgeAdmin {
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  /// A thousand times what planning takes; an operator waits no longer to be told that it hangs.
  private static final Duration EXPLAIN_LIMIT = Duration.ofSeconds(2);

  private final EdgeConfig config;
  private final Edge edge;
  private final RoutingTable table;
  private final FeedPages feed;
  private final Counters counters;
  private final BooleanSupplier draining;

  EdgeAdmin(
      EdgeConfig config,
      Edge edge,
      RoutingTable table,
      FeedPages feed,
      Counters counters,
      BooleanSupplier draining) {
    this.config = config;
    this.edge = edge;
    this.table = table;
    this.feed = feed;
    this.counters = counters;
    this.draining = draining;
  }

  /// All pages by path.
  Map<String, AdminAnswer> pages(BackhaulConnector links, Vitals vitals) {
    TableViews views = new TableViews(table, feed::beats);
    Map<String, AdminAnswer> pages = new HashMap<>(views.pages());
    pages.putAll(feed.pages());
    pages.putAll(vitals.pages());
    pages.put("/status", _ -> status(views, vitals.reasons()));
    pages.put("/explain", new BoundedAnswer("explain", this::explain, EXPLAIN_LIMIT));
    pages.put("/explain-last", edge.recent());
    pages.put("/links", _ -> Map.of("links", links.views()));
    pages.put("/metrics", FeedMetrics.bind(feed, counters));
    return pages;
  }

  private StatusView status(TableViews views, List<String> stalls) {
    List<String> reasons = new ArrayList<>(stalls);
    reasons.addAll(feed.reasons());
    if (draining.getAsBoolean()) {
      reasons.add("stopping: connections are being drained");
    }
    return StatusView.of(
        StatusView.Process.self(
            "edge", config.self().node().value(), config.self().region().code()),
        reasons,
        edge.listeners().listening().stream().map(EdgeAdmin::shown).toList(),
        views,
        feed.state(),
        counters);
  }

  private static StatusView.Listener shown(Listeners.Listening listening) {
    ListenerConfig listener = listening.config();
    return new StatusView.Listener(
        listener.name(),
        HostPort.of(listening.address()).toString(),
        listener.port(),
        listener.tls());
  }

  /// What would become of `url`; `method` is GET unless given, `headers` are lines of `name:
  /// value`. With `at`, what would have become of it when that version was in force; load is that
  /// of now.
  Explanation explain(Map<String, String> query) {
    String at = query.getOrDefault("at", "");
    if (at.isEmpty()) {
      return explain(query, table.current());
    }
    SnapshotShelf.Kept then = feed.version(at);
    Explanation told = explain(query, then.snapshot());
    List<Explanation.Stage> stages = new ArrayList<>();
    stages.add(
        new Explanation.Stage(
            "snapshot",
            true,
            "version "
                + then.version()
                + ", published "
                + Instant.ofEpochMilli(then.atMillis())
                + "; what is in flight is that of now"));
    stages.addAll(told.stages());
    return new Explanation(told.url(), stages, told.result());
  }

  private Explanation explain(Map<String, String> query, RoutingSnapshot world) {
    String url = query.getOrDefault("url", "");
    Explanation.Question.Target target =
        target(url, query.getOrDefault("method", "GET"), fields(query.getOrDefault("headers", "")));
    Certificate certificate = target.tls() ? world.certificate(name(target.host())) : null;
    CertifiedNames names = certificate == null ? null : CertificateStore.namesOf(certificate);
    String listener =
        config.listeners().stream()
            .filter(each -> each.port() == target.port() && each.tls() == target.tls())
            .map(ListenerConfig::name)
            .findFirst()
            .orElse(null);
    Moment now =
        new Moment(
            world, edge.nowNanos(), ThreadLocalRandom.current().nextLong(), false, FlightSlot.NONE);
    return Explanation.of(
        edge.planner(), now, new Explanation.Question(url, target, listener, certificate, names));
  }

  private static String name(String host) {
    return host.toLowerCase(Locale.ROOT);
  }

  /// One header a line, `name: value`.
  private static Fields fields(String lines) {
    Fields fields = new Fields();
    for (String line : lines.split("\n")) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.add(
            line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip());
      } else if (!line.isBlank()) {
        throw new IllegalArgumentException("headers wants lines of name: value");
      }
    }
    return fields;
  }

  private static Explanation.Question.Target target(String url, String method, Fields fields) {
    URI uri = URI.create(url);
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    if (!tls && !"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException("url wants http://host/path or https://host/path");
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? HTTPS_PORT : HTTP_PORT;
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    if (uri.getRawQuery() != null) {
      path += "?" + uri.getRawQuery();
    }
    return new Explanation.Question.Target(
        AsciiString.of(method), tls, uri.getHost(), port, AsciiString.of(path), fields);
  }
}
