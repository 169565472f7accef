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

  /// The supervisor gives edges their time, and then workers theirs.
  private static final Duration SUPERVISOR_STOP_TIMEOUT =
      STOP_TIMEOUT.multipliedBy(2).plusSeconds(2);

  /// Far above what a person or a test asks for at once; the hard one is what a worker refuses
  /// above.
  private static final int SOFT_LIMIT = 200;

  private static final int HARD_LIMIT = 1000;

  /// Of the JVM of each proxy. It does not end where memory is short: whoever asked for too much is
  /// told so, and kept out.
  static final List<String> PROXY_FLAGS =
      List.of("-XX:+UseSerialGC", "-Xmx128m", "-XX:MaxDirectMemorySize=64m");

  static final String STATE = "state";

  /// It starts the proxies, holds their sockets and starts them again.
  static final String SUPERVISOR = "supervisor";

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
      fleet.startProxies();
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

  private void startProxies() throws FleetFault {
    List<SupervisorFile.Entry> entries = new ArrayList<>(workers());
    entries.addAll(edges());
    for (SupervisorFile.Entry entry : entries) {
      ProxyConfigs.guard(entry.config(), entry.name());
      delete(ChildProcess.readyFile(settings.dir(), entry.name()));
    }
    Path file = SupervisorFile.write(settings, entries, proxyFlags());
    start(
        SUPERVISOR,
        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx48m"),
        "anycast.ctl.Main",
        "supervise",
        file.toString());
    for (SupervisorFile.Entry entry : entries) {
      Path log = SupervisorFile.log(settings.dir(), entry.name());
      ready.put(
          entry.name(),
          child(SUPERVISOR).awaitReady(entry.name(), log, ticker, settings.readyTimeout()));
    }
  }

  private List<SupervisorFile.Entry> workers() throws FleetFault {
    List<SupervisorFile.Entry> entries = new ArrayList<>();
    int port = 5;
    for (FleetPlan.Proxy worker : FleetPlan.WORKERS) {
      identities.writeNode(settings.dir(), Node.Role.WORKER, worker.name());
      List<ProxyConfigs.Placed> placed = new ArrayList<>();
      for (FleetPlan.Instance instance : FleetPlan.INSTANCES) {
        if (instance.node().equals(worker.name())) {
          placed.add(new ProxyConfigs.Placed(instance, portOf(address(instance.id(), "app"))));
        }
      }
      int own = settings.port(port++);
      entries.add(
          new SupervisorFile.Entry(
              worker.name(),
              "worker",
              "anycast.backhaul.worker.WorkerMain",
              ProxyConfigs.worker(settings.dir(), worker, stateUrl(), own, placed, 1),
              List.of(new SupervisorFile.Socket("backhaul", own))));
    }
    return entries;
  }

  private List<SupervisorFile.Entry> edges() throws FleetFault {
    List<SupervisorFile.Entry> entries = new ArrayList<>();
    int port = 1;
    for (FleetPlan.Proxy edge : FleetPlan.EDGES) {
      identities.writeNode(settings.dir(), Node.Role.EDGE, edge.name());
      int https = settings.port(port++);
      int http = settings.port(port++);
      entries.add(
          new SupervisorFile.Entry(
              edge.name(),
              "edge",
              "anycast.edge.EdgeMain",
              ProxyConfigs.edge(settings.dir(), edge, stateUrl(), https, 1),
              List.of(
                  new SupervisorFile.Socket("https", https),
                  new SupervisorFile.Socket("http", http))));
    }
    return entries;
  }

  private List<String> proxyFlags() {
    List<String> flags = new ArrayList<>(PROXY_FLAGS);
    flags.addAll(settings.jvmFlags());
    return flags;
  }

  private static void delete(Path file) throws FleetFault {
    try {
      Files.deleteIfExists(file); // of a fleet before
    } catch (IOException e) {
      throw new FleetFault(file + " could not be removed", e);
    }
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

  /// Who knows how the proxies are.
  Supervised supervised() {
    return new Supervised(SupervisorFile.socket(settings.dir()), ticker);
  }

  Path log(String proxy) {
    return SupervisorFile.log(settings.dir(), proxy);
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
  /// workers (the supervisor does that), then the rest. What does not end in time is killed.
  /// Idempotent.
  @Override
  public void close() {
    List<ChildProcess> all;
    synchronized (children) {
      stopping = true;
      all = List.copyOf(children.sequencedValues());
    }
    end(
        all.stream().filter(child -> child.name().equals(SUPERVISOR)).toList(),
        SUPERVISOR_STOP_TIMEOUT);
    end(all, STOP_TIMEOUT);
  }

  private void end(List<ChildProcess> some, Duration timeout) {
    some.forEach(ChildProcess::askToEnd);
    long deadlineNanos = ticker.nanos() + timeout.toNanos();
    some.forEach(child -> child.awaitEnd(ticker, deadlineNanos));
  }
}
