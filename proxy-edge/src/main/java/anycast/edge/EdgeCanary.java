package anycast.edge;

import anycast.backhaul.exchange.Connector;
import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.watchdog.Canary;
import anycast.backhaul.watchdog.CanaryApp;
import anycast.backhaul.worker.AppConnector;
import anycast.edge.listener.ListenerConfig;
import anycast.edge.listener.Listeners;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Node;
import anycast.routing.model.Reserved;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What an edge needs to send requests to itself: an app on loopback, rows that lead to it, and a
/// certificate for its host. None of it needs state, or another process.
///
/// ```
///   canary ─► listener ─► TLS, its certificate ─► table, its rows ─► AppConnector ─► CanaryApp
/// ```
///
/// **Threading.** The process' main thread. **Ownership.** The app; closed by [#close].
final class EdgeCanary implements AutoCloseable {
  /// Longer than any process runs.
  private static final Duration VALIDITY = Duration.ofDays(3650);

  private final EdgeConfig config;
  private final CanaryApp app;
  private final PrivateCa.Issued certificate;
  private final EventLoops loops;
  private final AppConnector here;

  private EdgeCanary(
      EdgeConfig config,
      CanaryApp app,
      PrivateCa.Issued certificate,
      EventLoops loops,
      Counters counters) {
    this.config = config;
    this.app = app;
    this.certificate = certificate;
    this.loops = loops;
    this.here = new AppConnector(loops, counters);
  }

  /// Starts the app.
  static EdgeCanary open(EdgeConfig config, EventLoops loops, Counters counters, Instant now)
      throws IOException, IdentityProblem {
    PrivateCa.Issued certificate = PrivateCa.throwaway(Reserved.HOST, VALIDITY, now);
    return new EdgeCanary(config, CanaryApp.start(), certificate, loops, counters);
  }

  /// What the table begins with.
  List<Entity> rows() {
    List<Integer> ports = config.listeners().stream().map(ListenerConfig::port).distinct().toList();
    List<Entity> rows = new ArrayList<>(app.rows(Reserved.NODE, config.self().region(), ports));
    rows.add(new Hostname(Reserved.HOST, Reserved.APP, 1));
    rows.add(new Certificate(Reserved.HOST, certificate.certificate(), certificate.key(), 1));
    // An address, because a node without one is not picked; nobody dials it.
    rows.add(new Node(Reserved.NODE, config.self().region(), Node.Role.WORKER, "127.0.0.1:0", 1));
    return rows;
  }

  /// The same way for all but what runs in this process.
  Connector connector(Connector links) {
    return new NodeConnector(Reserved.NODE, here, links);
  }

  /// One for each listener.
  List<Canary.Way> ways(Listeners listeners) throws IOException {
    List<Canary.Way> ways = new ArrayList<>();
    for (Listeners.Listening each : listeners.listening()) {
      ways.add(way(each, listeners));
    }
    return ways;
  }

  /// The way through one listener.
  ///
  /// @param listeners that are to let it in
  Canary.Way way(Listeners.Listening listener, Listeners listeners) throws IOException {
    return new ListenerWay(listener, listeners, app, certificate.certificate(), loops.ticker());
  }

  @Override
  public void close() {
    here.drain();
    app.close();
  }
}
