package anycast.edge;

import anycast.backhaul.exchange.AccessLog;
import anycast.backhaul.exchange.ExchangeLimits;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.link.PerLoop;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.FeedPages;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.LogRate;
import anycast.backhaul.runtime.StateConfig;
import anycast.backhaul.runtime.Transport;
import anycast.backhaul.watchdog.Canary;
import anycast.edge.listener.ConnectionTerms;
import anycast.edge.listener.ListenerConfig;
import anycast.edge.listener.Listeners;
import anycast.edge.protocol.Unread;
import anycast.edge.request.PathRules;
import anycast.edge.request.Scene;
import anycast.edge.request.TrustedProxies;
import anycast.edge.tls.TlsSettings;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.table.SnapshotShelf;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// An edge on loopback with a table of its own and [AnsweringConnector] behind it.
final class EdgeFixture implements AutoCloseable {
  /// Client connections at a time.
  static final int CONNECTIONS = 100;

  static final Duration PATIENCE = Duration.ofSeconds(20);

  final EventLoops loops = EventLoops.start("edge-test", Transport.AUTO, 2);
  final Counters counters = new Counters(loops.loops());
  final AnsweringConnector connector = new AnsweringConnector(loops);
  final Edge edge;
  final PrivateCa ca;
  private final SnapshotBuilder builder = new SnapshotBuilder(Scene.SELF);
  private final RoutingTable table;
  private final SnapshotShelf shelf = new SnapshotShelf();
  private final Path folder;
  private final EdgeConfig config;
  private final EdgeCanary canary;

  EdgeFixture() throws Exception {
    this("");
  }

  /// @param defaultCertificate for clients that name no server; empty = none
  EdgeFixture(String defaultCertificate) throws Exception {
    folder = Files.createTempDirectory("edge-test");
    ca = PrivateCa.init(folder, InstantSource.system());
    config =
        new EdgeConfig(
            Scene.SELF,
            StateConfig.of(List.of(URI.create("http://127.0.0.1:1"))),
            List.of(
                new ListenerConfig("https", new HostPort("127.0.0.1", 0), 443, true),
                new ListenerConfig("http", new HostPort("127.0.0.1", 0), 80, false)),
            null,
            null,
            new EdgeConfig.Serving(
                new Plan.Timeouts(PATIENCE.toNanos(), PATIENCE.toNanos()),
                Duration.ofSeconds(5),
                new EdgeConfig.Limits(CONNECTIONS, ExchangeLimits.usual()),
                TrustedProxies.none(),
                defaultCertificate,
                AccessLog.Scope.ALL,
                PathRules.USUAL));
    canary = EdgeCanary.open(config, loops, counters, InstantSource.system().instant());
    table = new RoutingTable(builder.first(canary.rows()));
    put(Scene.usual().changes());
    putCertificate(1, "a.test", "unrouted.test", "idle.test");
    putCertificate(1, "*.wild.test");
    edge = new Edge(config, loops, table, canary.connector(connector), counters);
    edge.accept();
  }

  /// Publishes a new certificate under the first name, for all of them.
  void putCertificate(long generation, String... names) throws Exception {
    PrivateCa.Issued issued = ca.issueServer(List.of(names), Duration.ofDays(1));
    put(new Certificate(names[0], issued.certificate(), issued.key(), generation));
  }

  void put(Entity entity) {
    put(List.of(new Change.Put(entity)));
  }

  private void put(List<Change> changes) {
    table.publish(builder.apply(table.current(), new Delta(changes)));
    shelf.offer(table.current(), InstantSource.system().millis());
  }

  /// The edge's requests to itself, one way for each listener.
  List<Canary.Way> ways() throws IOException {
    return canary.ways(edge.listeners());
  }

  /// The way that this edge's canary would take through another listener.
  Canary.Way wayTo(InetSocketAddress address, boolean tls) throws IOException {
    ListenerConfig config = new ListenerConfig("other", HostPort.of(address), 443, tls);
    return canary.way(new Listeners.Listening(config, address), edge.listeners());
  }

  /// Where the app that answers the canary listens.
  int canaryAppPort() {
    return canary.rows().stream()
        .filter(Instance.class::isInstance)
        .mapToInt(each -> ((Instance) each).port())
        .findFirst()
        .orElseThrow();
  }

  /// The app that answers the canary goes away.
  void endCanaryApp() {
    canary.close();
  }

  /// The version in force.
  long version() {
    return table.current().version();
  }

  int httpsPort() {
    return address(0).getPort();
  }

  int httpPort() {
    return address(1).getPort();
  }

  /// Terms for listeners beside the edge's own, which answer nothing.
  ConnectionTerms terms(int connections, Duration handshake) {
    ConnectionTerms.Limits usual = ConnectionTerms.Limits.publicSide();
    return new ConnectionTerms(
        (_, _) -> null,
        null,
        new TlsSettings(
            edge::certificate, edge.certificates(), new LogRate(100), handshake.toNanos()),
        new ConnectionTerms.Limits(connections, usual.http1(), usual.http2()),
        counters,
        loops.ticker(),
        null,
        new PerLoop<>(loops.loops(), loop -> new Unread(loop, Long.MAX_VALUE)));
  }

  EdgeAdmin admin() {
    FeedPages feed = new FeedPages(null, table, shelf, InstantSource.system());
    return new EdgeAdmin(config, edge, table, feed, counters, () -> false);
  }

  InetSocketAddress address(int listener) {
    return edge.listeners().listening().get(listener).address();
  }

  long count(Counter counter) {
    return counters.sum(counter);
  }

  /// A context that trusts the test's authority.
  SSLContext clientContext(String protocol) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(ca.certificateFile())) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance(protocol);
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  @Override
  public void close() throws IOException {
    edge.close();
    canary.close();
    loops.close();
    loops.group().terminationFuture().awaitUninterruptibly(PATIENCE.toMillis());
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
