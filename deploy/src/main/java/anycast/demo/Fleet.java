package anycast.demo;

import anycast.routing.model.Node;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The running fleet: a state store, workers with their instances, edges.
///
/// [#start] is the whole story in order: state, rows, apps, workers, edges, until every host
/// answers at every edge.
///
/// **Threading.** Started from one thread that lives as long as the fleet (see [ChildProcess]);
/// stopped from any.
public final class Fleet implements AutoCloseable {
  /// In-flight demo requests end within this; what is left then is killed.
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(8);

  /// Far above what a person or a test asks for at once; the hard one is what a worker refuses
  /// above.
  private static final int SOFT_LIMIT = 200;

  private static final int HARD_LIMIT = 1000;

  static final String STATE = "state";

  private final FleetSettings settings;
  private final Ticker ticker;
  private final SequencedMap<String, ChildProcess> children = new LinkedHashMap<>();
  private final Map<String, JsonNode> ready = new LinkedHashMap<>();
  private final FleetIdentities identities;
  private boolean stopping;

  private Fleet(FleetSettings settings, Ticker ticker, InstantSource clock) throws FleetFault {
    this.settings = settings;
    this.ticker = ticker;
    this.identities = new FleetIdentities(settings.dir(), clock);
  }

  /// Returns when every host answers at every edge; a fault stops what had been started.
  static Fleet start(FleetSettings settings, Ticker ticker, InstantSource clock) throws FleetFault {
    Fleet fleet = new Fleet(settings, ticker, clock);
    Runtime.getRuntime().addShutdownHook(new Thread(fleet::close, "fleet-stop"));
    try {
      fleet.startState();
      fleet.startApps();
      fleet.awaitReady(List.of(STATE));
      fleet.writeRows();
      fleet.awaitReady(FleetPlan.INSTANCES.stream().map(FleetPlan.Instance::id).toList());
      fleet.startWorkers();
      fleet.startEdges();
      fleet.awaitReady(FleetPlan.WORKERS.stream().map(FleetPlan.Proxy::name).toList());
      fleet.awaitReady(FleetPlan.EDGES.stream().map(FleetPlan.Proxy::name).toList());
      fleet.awaitAnswers();
      new StateKeeper(fleet, ticker).start();
      return fleet;
    } catch (FleetFault e) {
      fleet.close();
      throw e;
    }
  }

  private void startState() throws FleetFault {
    startState(settings.port(0));
  }

  /// Starts the state anew, where it listened before.
  void restartState() throws FleetFault {
    startState(URI.create(stateUrl()).getPort());
    awaitReady(List.of(STATE));
  }

  private void startState(int port) throws FleetFault {
    switch (settings.state()) {
      case STORE ->
          start(
              STATE,
              List.of("-XX:+UseSerialGC", "-Xmx96m"),
              "anycast.routing.feed.sqlite.StateMain",
              "--listen",
              "127.0.0.1:" + port,
              "--database",
              database().toString(),
              "--ready-file",
              ChildProcess.readyFile(settings.dir(), STATE).toString());
      case NATS -> {
        start(STATE, () -> NatsProcess.start(settings.dir(), STATE, port));
        NatsProcess.awaitReady(settings.dir(), child(STATE), ticker, settings.readyTimeout());
      }
    }
  }

  private void startApps() throws FleetFault {
    for (FleetPlan.Instance instance : FleetPlan.INSTANCES) {
      start(
          instance.id(),
          List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx48m"),
          "anycast.demo.DemoApp",
          "--instance",
          instance.id(),
          "--app",
          instance.app(),
          "--node",
          instance.node(),
          "--region",
          FleetPlan.region(instance.node()),
          "--protocol",
          FleetPlan.app(instance.app()).protocol().name(),
          "--port",
          "0",
          "--ready-file",
          ChildProcess.readyFile(settings.dir(), instance.id()).toString());
    }
  }

  private void writeRows() throws FleetFault {
    StateRows rows = new StateRows(URI.create(stateUrl()));
    for (FleetPlan.App app : FleetPlan.APPS) {
      rows.app(app.name());
      if (app.name().equals(Shop.NAME)) {
        Shop.SERVICES.forEach(service -> rows.service(app.name(), service));
      } else {
        rows.service(app, SOFT_LIMIT, HARD_LIMIT);
      }
    }
    rows.virtualService(Shop.NAME, Shop.document());
    write(settings.dir().resolve("shop.yaml"), Shop.document());
    for (String host : FleetPlan.VIRTUAL_HOSTS) {
      rows.certificate(host, identities.publicCertificate(host));
    }
    for (FleetPlan.Host host : FleetPlan.HOSTS) {
      rows.host(host);
      rows.certificate(host.name(), identities.publicCertificate(host.name()));
    }
    rows.write();
  }

  private static void write(Path file, String text) throws FleetFault {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new FleetFault(file + " could not be written", e);
    }
  }

  private void startWorkers() throws FleetFault {
    int port = 5;
    for (FleetPlan.Proxy worker : FleetPlan.WORKERS) {
      identities.writeNode(settings.dir(), Node.Role.WORKER, worker.name());
      List<ProxyConfigs.Placed> placed = new ArrayList<>();
      for (FleetPlan.Instance instance : FleetPlan.INSTANCES) {
        if (instance.node().equals(worker.name())) {
          placed.add(new ProxyConfigs.Placed(instance, portOf(address(instance.id(), "app"))));
        }
      }
      Path config =
          ProxyConfigs.worker(settings.dir(), worker, stateUrl(), settings.port(port++), placed, 1);
      startProxy(worker.name(), "anycast.backhaul.worker.WorkerMain", config);
    }
  }

  private void startEdges() throws FleetFault {
    int port = 1;
    for (FleetPlan.Proxy edge : FleetPlan.EDGES) {
      identities.writeNode(settings.dir(), Node.Role.EDGE, edge.name());
      Path config = ProxyConfigs.edge(settings.dir(), edge, stateUrl(), settings.port(port), 1);
      port += 2;
      startProxy(edge.name(), "anycast.edge.EdgeMain", config);
    }
  }

  private void startProxy(String name, String main, Path config) throws FleetFault {
    List<String> flags = new ArrayList<>();
    flags.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:+ExitOnOutOfMemoryError"));
    flags.addAll(settings.jvmFlags());
    start(name, flags, main, "--config", config.toString());
  }

  private void start(String name, List<String> jvmFlags, String... mainAndArguments)
      throws FleetFault {
    start(name, () -> ChildProcess.java(settings.dir(), name, jvmFlags, List.of(mainAndArguments)));
  }

  /// Something that starts a process.
  @FunctionalInterface
  private interface Starter {
    ChildProcess start() throws FleetFault;
  }

  private void start(String name, Starter starter) throws FleetFault {
    synchronized (children) { // against close() from the shutdown hook, while starting
      if (stopping) {
        throw new FleetFault("stopped while starting");
      }
      children.put(name, starter.start());
    }
  }

  private void awaitReady(List<String> names) throws FleetFault {
    for (String name : names) {
      ready.put(name, child(name).awaitReady(ticker, settings.readyTimeout()));
    }
  }

  private void awaitAnswers() throws FleetFault {
    Probe probe = new Probe(identities.publicCa(), ticker);
    for (FleetPlan.Proxy edge : FleetPlan.EDGES) {
      List<String> hosts = new ArrayList<>(FleetPlan.VIRTUAL_HOSTS);
      FleetPlan.HOSTS.forEach(host -> hosts.add(host.example()));
      for (String host : hosts) {
        probe.awaitAnswer(
            edge.name(), address(edge.name(), "https"), host, "/", settings.readyTimeout());
      }
    }
  }

  boolean isStopping() {
    synchronized (children) {
      return stopping;
    }
  }

  Path dir() {
    return settings.dir();
  }

  /// The admin socket of a proxy.
  Path socket(String proxy) {
    return settings.dir().resolve(proxy + ".sock");
  }

  Path publicCa() {
    return identities.publicCa();
  }

  ChildProcess child(String name) {
    synchronized (children) {
      return children.get(name);
    }
  }

  Path database() {
    return settings.dir().resolve("state.db");
  }

  String stateUrl() {
    return ready.get(STATE).path("state").asText();
  }

  /// Where `name` listens: what its ready file says under `listener`, as `ip:port`.
  String address(String name, String listener) {
    JsonNode told = ready.get(name);
    JsonNode address = told.path("addresses").path(listener);
    return (address.isMissingNode() ? told.path(listener) : address).asText();
  }

  private static int portOf(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /// Ends the fleet in the order of a request, so that nobody loses what it still needs: edges,
  /// workers, then the rest. What does not end in time is killed. Idempotent.
  @Override
  public void close() {
    List<ChildProcess> all;
    synchronized (children) {
      stopping = true;
      all = List.copyOf(children.sequencedValues());
    }
    end(all.stream().filter(child -> named(FleetPlan.EDGES, child)).toList());
    end(all.stream().filter(child -> named(FleetPlan.WORKERS, child)).toList());
    end(all);
  }

  private static boolean named(List<FleetPlan.Proxy> proxies, ChildProcess child) {
    return proxies.stream().anyMatch(proxy -> proxy.name().equals(child.name()));
  }

  private void end(List<ChildProcess> some) {
    some.forEach(ChildProcess::askToEnd);
    long deadlineNanos = ticker.nanos() + STOP_TIMEOUT.toNanos();
    some.forEach(child -> child.awaitEnd(ticker, deadlineNanos));
  }
}
