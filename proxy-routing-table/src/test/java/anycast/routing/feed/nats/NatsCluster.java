package anycast.routing.feed.nats;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Three real nats-servers that form a cluster.
final class NatsCluster implements AutoCloseable {
  private static final int SIZE = 3;

  private static final Pattern META_LEADER =
      Pattern.compile("\"meta_cluster\": *\\{[^}]*\"leader\": *\"([^\"]*)\"");

  private final List<NatsServer> servers = new ArrayList<>();
  private final List<RouteRelay> relays = new ArrayList<>();
  private final Set<String> cutOff = ConcurrentHashMap.newKeySet();

  NatsCluster(Path dir) throws IOException, InterruptedException {
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      ports.add(NatsServer.freePort());
    }
    for (int i = 0; i < SIZE; i++) {
      relays.add(new RouteRelay("n" + i, ports.get(i), cutOff));
    }
    String routes =
        relays.stream()
            .map(relay -> "\"nats-route://127.0.0.1:" + relay.port() + "\"")
            .collect(Collectors.joining(", "));
    for (int i = 0; i < SIZE; i++) {
      String cluster =
          "cluster { name: anycast, listen: \"127.0.0.1:%d\", advertise: \"127.0.0.1:%d\", routes: [%s] }"
              .formatted(ports.get(i), relays.get(i).port(), routes);
      String name = "n" + i;
      servers.add(new NatsServer(dir.resolve(name), name, NatsServer.freePort(), cluster));
    }
    startAll();
  }

  /// No other server reaches it, and it none; its clients do.
  void cutOff(NatsServer server) {
    cutOff.add(server.name());
    relays.forEach(RouteRelay::onCut);
  }

  void heal() {
    cutOff.clear();
  }

  void startAll() throws IOException, InterruptedException {
    for (NatsServer server : servers) {
      server.start();
    }
  }

  void killAll() throws InterruptedException {
    for (NatsServer server : servers) {
      server.kill();
    }
  }

  List<URI> uris() {
    return servers.stream().map(NatsServer::uri).toList();
  }

  NatsServer named(String name) {
    return servers.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  /// One that leads neither this bucket nor the cluster: nothing waits for an election where it is
  /// cut off.
  NatsServer follower(NatsServer leader) throws IOException {
    Matcher meta = META_LEADER.matcher(leader.page("/jsz"));
    String metaLeader = meta.find() ? meta.group(1) : "";
    return servers.stream()
        .filter(s -> s != leader && !s.name().equals(metaLeader))
        .findFirst()
        .orElseThrow();
  }

  /// The server that leads a bucket, asked through `via`.
  static String leader(Connection via, String bucket) throws IOException, JetStreamApiException {
    return via.jetStreamManagement().getStreamInfo("KV_" + bucket).getClusterInfo().getLeader();
  }

  /// A client that goes on at another server, as an operator's tools do.
  Connection connect() throws IOException, InterruptedException {
    return connect(uris());
  }

  /// A client of these servers and no other.
  Connection connect(List<URI> to) throws IOException, InterruptedException {
    return Nats.connect(
        new Options.Builder()
            .servers(to.stream().map(URI::toString).toArray(String[]::new))
            .ignoreDiscoveredServers()
            .connectionTimeout(Duration.ofSeconds(2))
            .pingInterval(Duration.ofSeconds(1))
            .reconnectWait(Duration.ofMillis(100))
            .maxReconnects(-1)
            .errorListener(new ErrorListener() {})
            .build());
  }

  @Override
  public void close() {
    servers.forEach(NatsServer::close);
    relays.forEach(RouteRelay::close);
  }
}
