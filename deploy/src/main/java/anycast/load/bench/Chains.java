package anycast.load.bench;

import anycast.backhaul.identity.PrivateCa;
import anycast.demo.AppProtocol;
import anycast.demo.ChildProcess;
import anycast.demo.FleetFault;
import anycast.demo.FleetIdentities;
import anycast.demo.FleetPlan;
import anycast.demo.Probe;
import anycast.demo.ProxyConfigs;
import anycast.demo.StateRows;
import anycast.routing.model.Node;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Starts the chains and the app that they share, and ends them.
///
/// **Threading.** One thread that lives as long as the chains (see [ChildProcess]); [#close] from
/// any.
final class Chains implements AutoCloseable {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private static final int NO_LIMIT = 1_000_000;

  private final BenchSettings settings;
  private final Ticker ticker = Ticker.system();
  private final FleetIdentities identities;
  private final List<ChildProcess> children = new ArrayList<>();
  private int appPort;
  private int uploadPort;

  Chains(BenchSettings settings) throws FleetFault, IOException {
    this.settings = settings;
    this.identities = new FleetIdentities(settings.dir(), InstantSource.system());
    writeCertificates();
  }

  private Path dir() {
    return settings.dir();
  }

  Path publicCa() {
    return identities.publicCa();
  }

  private void writeCertificates() throws FleetFault, IOException {
    writeCertificate("public", identities.publicCertificate("localhost"));
    writeCertificate("link-server", identities.linkServer("worker.bench"));
    identities.writeNode(dir(), Node.Role.EDGE, "link-client");
    Files.writeString(
        dir().resolve("link-client-both.pem"),
        Files.readString(dir().resolve("link-client.pem"))
            + Files.readString(dir().resolve("link-client.key")));
  }

  private void writeCertificate(String name, PrivateCa.Issued issued) throws IOException {
    Files.writeString(dir().resolve(name + ".pem"), issued.certificate());
    Files.writeString(dir().resolve(name + ".key"), issued.key());
    Files.writeString(dir().resolve(name + "-both.pem"), issued.certificate() + issued.key());
  }

  /// nginx for GETs, the demo app for uploads: it answers when it has read all, where nginx would
  /// answer at once.
  void startApps() throws FleetFault, IOException {
    Files.write(dir().resolve("large.bin"), new byte[100_000]);
    appPort = freePort();
    nginx("app", PeerConfigs.nginxApp(appPort, dir().toString(), user()), settings.loadPin());
    awaitPort("app", appPort);
    ChildProcess upload =
        keep(
            ChildProcess.java(
                dir(),
                "upload",
                settings.loadPin(),
                List.of("-Xmx64m", "-XX:+UseSerialGC"),
                List.of(
                    "anycast.demo.DemoApp",
                    "--instance=upload-1",
                    "--app=upload",
                    "--node=bench-worker",
                    "--region=fra",
                    "--protocol=HTTP1",
                    "--port=0",
                    "--ready-file=" + ChildProcess.readyFile(dir(), "upload"))));
    uploadPort = portOf(upload.awaitReady(ticker, READY_TIMEOUT).path("addresses").path("app"));
  }

  Chain start(String name) throws FleetFault, IOException {
    return switch (name) {
      case Chain.OURS -> ours(name, "bench", false);
      case Chain.OURS_BY_RULES -> ours(name, "rules", true);
      case Chain.HAPROXY -> haproxy();
      case Chain.NGINX -> nginx();
      default -> throw new FleetFault("no chain is called " + name);
    };
  }

  /// @param prefix of the names of its processes and their files
  /// @param byRules whether a virtual service takes the requests
  private Chain ours(String chain, String prefix, boolean byRules) throws FleetFault {
    String workerName = prefix + "-worker";
    String edgeName = prefix + "-edge";
    String stateName = prefix + "-state";
    ChildProcess state =
        java(
            stateName,
            List.of("-Xmx96m"),
            "anycast.routing.feed.sqlite.StateMain",
            "--listen",
            "127.0.0.1:0",
            "--database",
            dir().resolve(prefix + "-state.db").toString(),
            "--ready-file",
            ChildProcess.readyFile(dir(), stateName).toString());
    String stateUrl = state.awaitReady(ticker, READY_TIMEOUT).path("state").asText();
    writeRows(stateUrl, byRules);
    identities.writeNode(dir(), Node.Role.WORKER, workerName);
    identities.writeNode(dir(), Node.Role.EDGE, edgeName);
    List<ProxyConfigs.Placed> placed =
        List.of(
            new ProxyConfigs.Placed(new FleetPlan.Instance("app-1", "app", workerName), appPort),
            new ProxyConfigs.Placed(
                new FleetPlan.Instance("upload-1", "upload", workerName), uploadPort));
    Path workerConfig =
        ProxyConfigs.worker(
            dir(), new FleetPlan.Proxy(workerName, "fra"), stateUrl, 0, placed, settings.threads());
    Path edgeConfig =
        ProxyConfigs.edge(
            dir(), new FleetPlan.Proxy(edgeName, "fra"), stateUrl, 0, settings.threads());
    ChildProcess worker = proxy(workerName, "anycast.backhaul.worker.WorkerMain", workerConfig);
    ChildProcess edge = proxy(edgeName, "anycast.edge.EdgeMain", edgeConfig);
    worker.awaitReady(ticker, READY_TIMEOUT);
    JsonNode told = edge.awaitReady(ticker, READY_TIMEOUT);
    String address = told.path("addresses").path("https").asText();
    return new Chain(chain, address, List.of(edge, worker), List.of(state));
  }

  private void writeRows(String stateUrl, boolean byRules) throws FleetFault {
    StateRows rows = new StateRows(URI.create(stateUrl));
    for (String app : List.of("app", "upload")) {
      rows.app(app);
      rows.service(new FleetPlan.App(app, AppProtocol.HTTP1, false), NO_LIMIT, NO_LIMIT);
    }
    rows.host(new FleetPlan.Host("localhost", "app"));
    rows.host(new FleetPlan.Host("upload.bench.test", "upload"));
    rows.certificate("localhost", identities.publicCertificate("localhost"));
    rows.certificate("upload.bench.test", identities.publicCertificate("upload.bench.test"));
    if (byRules) {
      rows.virtualService("bench", ManyRules.document("localhost"));
    }
    rows.write();
  }

  private ChildProcess proxy(String name, String main, Path config) throws FleetFault {
    return java(name, settings.jvmFlags(), main, "--config", config.toString());
  }

  private ChildProcess java(String name, List<String> flags, String... mainAndArguments)
      throws FleetFault {
    return keep(
        ChildProcess.java(dir(), name, settings.proxyPin(), flags, List.of(mainAndArguments)));
  }

  private Chain haproxy() throws FleetFault, IOException {
    PeerConfigs.Ports ports = ports();
    ChildProcess worker = haproxy("worker", PeerConfigs.haproxyWorker(ports, settings.threads()));
    ChildProcess edge = haproxy("edge", PeerConfigs.haproxyEdge(ports, settings.threads()));
    awaitPort("haproxy", ports.worker());
    awaitPort("haproxy", ports.edge());
    return new Chain(Chain.HAPROXY, "127.0.0.1:" + ports.edge(), List.of(edge, worker), List.of());
  }

  private Chain nginx() throws FleetFault, IOException {
    PeerConfigs.Ports ports = ports();
    String user = user();
    ChildProcess worker =
        nginx(
            "worker",
            PeerConfigs.nginxWorker(ports, settings.threads(), user),
            settings.proxyPin());
    ChildProcess edge =
        nginx("edge", PeerConfigs.nginxEdge(ports, settings.threads(), user), settings.proxyPin());
    awaitPort("nginx", ports.worker());
    awaitPort("nginx", ports.edge());
    return new Chain(Chain.NGINX, "127.0.0.1:" + ports.edge(), List.of(edge, worker), List.of());
  }

  private ChildProcess haproxy(String role, String config) throws FleetFault, IOException {
    Path file = Files.writeString(dir().resolve("haproxy-" + role + ".cfg"), config);
    List<String> command = new ArrayList<>(settings.proxyPin());
    command.addAll(List.of("haproxy", "-db", "-q", "-f", file.toString()));
    return keep(ChildProcess.command(dir(), "haproxy-" + role, "TERM", command));
  }

  private ChildProcess nginx(String role, String config, List<String> pin)
      throws FleetFault, IOException {
    Path file = Files.writeString(dir().resolve("nginx-" + role + ".conf"), config);
    List<String> command = new ArrayList<>(pin);
    command.addAll(List.of("nginx", "-p", dir().toString(), "-e", "stderr", "-c", file.toString()));
    return keep(ChildProcess.command(dir(), "nginx-" + role, "TERM", command));
  }

  private static String user() {
    return System.getProperty("user.name").equals("root") ? "root" : "";
  }

  private PeerConfigs.Ports ports() throws IOException {
    return new PeerConfigs.Ports(freePort(), freePort(), appPort, uploadPort);
  }

  /// Free at this moment: the peers cannot be asked which port they took.
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static int portOf(JsonNode address) {
    String text = address.asText();
    return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
  }

  private void awaitPort(String who, int port) throws FleetFault {
    long deadlineNanos = ticker.nanos() + READY_TIMEOUT.toNanos();
    while (ticker.nanos() - deadlineNanos < 0) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        return;
      } catch (IOException _) {
        failIfEnded();
        LockSupport.parkNanos(20_000_000);
      }
    }
    throw new FleetFault(who + " does not listen on port " + port);
  }

  private void failIfEnded() throws FleetFault {
    for (ChildProcess child : children) {
      if (!child.alive()) {
        throw new FleetFault(child.name() + " ended" + child.tail());
      }
    }
  }

  private ChildProcess keep(ChildProcess child) {
    synchronized (children) {
      children.add(child);
    }
    return child;
  }

  /// Asks through the whole chain until the app answers. What the second proxy says of the
  /// connection that it got from the first: version and verification of the client's certificate (0
  /// and SUCCESS mean that it was verified). Ours says nothing: it has no other way.
  String awaitAnswer(Chain chain) throws FleetFault {
    String head =
        new Probe(identities.publicCa(), ticker)
            .awaitAnswer(chain.name(), chain.address(), "localhost", "/check", READY_TIMEOUT);
    return head.lines()
        .filter(line -> line.startsWith("x-hop: "))
        .findFirst()
        .map(line -> line.substring("x-hop: ".length()))
        .orElse("HTTP/2 by construction");
  }

  @Override
  public void close() {
    List<ChildProcess> all;
    synchronized (children) {
      all = List.copyOf(children).reversed();
    }
    all.forEach(ChildProcess::askToEnd);
    long deadlineNanos = ticker.nanos() + STOP_TIMEOUT.toNanos();
    all.forEach(child -> child.awaitEnd(ticker, deadlineNanos));
  }
}
