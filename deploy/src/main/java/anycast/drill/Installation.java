package anycast.drill;

import anycast.backhaul.runtime.ReadyFile;
import anycast.demo.AppProtocol;
import anycast.demo.ChildProcess;
import anycast.demo.FleetFault;
import anycast.demo.FleetIdentities;
import anycast.demo.FleetPlan;
import anycast.demo.StateRows;
import anycast.routing.model.Node;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// An edge and a worker with an instance on a host with systemd: what is left to an operator when
/// the jars, a JDK and the units are in their places.
///
/// State and app are children of this process; who runs edge and worker is systemd.
///
/// **Threading.** One thread that lives as long as the children.
final class Installation implements AutoCloseable {
  /// Names of configurations, and so of units' instances.
  static final String EDGE = "fra-1";

  static final String WORKER = "wrk-fra-1";
  static final String APP = "hello";
  static final String HOST = "hello.demo.test";
  static final String HTTPS = "127.0.0.1:443";

  /// Where units keep what outlives a process, and what does not.
  static final Path STATE = Path.of("/var/lib/anycast");

  static final Path RUN = Path.of("/run/anycast");

  /// By `deploy/machine`: it writes where an operator's own files would be.
  private static final Path MACHINE = Path.of("/.machine");

  private static final Path CONFIG = Path.of("/etc/anycast");
  private static final String URL = "http://127.0.0.1:9000";
  private static final int APP_PORT = 9101;
  private static final Duration START = Duration.ofSeconds(120);

  private final Path dir;
  private final Ticker ticker;
  private final FleetIdentities identities;
  private ChildProcess store;
  private ChildProcess app;

  /// @param dir for what is the drill's own
  Installation(Path dir, Ticker ticker) throws FleetFault {
    if (!Files.exists(MACHINE)) {
      throw new FleetFault("this is no machine that deploy/machine made");
    }
    this.dir = dir;
    this.ticker = ticker;
    this.identities = new FleetIdentities(dir, InstantSource.system());
  }

  static Path socket(String instance) {
    return RUN.resolve(instance).resolve("admin.sock");
  }

  /// Writes `/etc/anycast`, and `fleet.json` for an [Operator].
  void write() throws FleetFault {
    try {
      Files.createDirectories(CONFIG);
      Files.writeString(CONFIG.resolve(EDGE + ".yaml"), edge());
      Files.writeString(CONFIG.resolve(WORKER + ".yaml"), worker());
      for (String instance : List.of(EDGE, WORKER)) {
        Files.writeString(
            CONFIG.resolve(instance + ".jvm"),
            """
            --enable-native-access=ALL-UNNAMED
            -Xmx128m
            -XX:+UseSerialGC
            """);
      }
      Files.copy(identities.linkCa(), CONFIG.resolve("ca.pem"));
      identities.writeNode(CONFIG, Node.Role.EDGE, "edge-" + EDGE);
      identities.writeNode(CONFIG, Node.Role.WORKER, WORKER);
      giveToGroup();
      ReadyFile.write(dir.resolve("fleet.json"), fleetFile());
    } catch (IOException e) {
      throw new FleetFault(CONFIG + " could not be written", e);
    }
  }

  private static String edge() {
    return """
    node: edge-fra-1
    region: fra
    state: { urls: ["%s"] }
    listeners:
      - { name: https, listen: "0.0.0.0:443", port: 443, tls: true }
      - { name: http, listen: "0.0.0.0:80", port: 80, tls: false }
    identity: { ca: ca.pem, certificate: edge-fra-1.pem, key: edge-fra-1.key }
    """
            .formatted(URL)
        + places(EDGE)
        + "faults: enabled\n";
  }

  private static String worker() {
    return """
    node: %s
    region: fra
    state: { urls: ["%s"] }
    backhaul: { listen: "127.0.0.1:7443", advertise: "" }
    identity: { ca: ca.pem, certificate: %s.pem, key: %s.key }
    instances:
      - { id: hello-1, app: hello, address: 127.0.0.1, port: %d }
    """
            .formatted(WORKER, URL, WORKER, WORKER, APP_PORT)
        + places(WORKER);
  }

  /// A soak short enough to wait for.
  private static String places(String instance) {
    Path state = STATE.resolve(instance);
    return """
    admin: { socket: %s }
    last_good: { directory: %s/last-good }
    watchdog: { directory: %s/watchdog }
    admission: { directory: %s/admission, soak: 5s }
    """
        .formatted(socket(instance), state, state, state);
  }

  /// The proxies read it as who they are.
  private static void giveToGroup() throws IOException {
    GroupPrincipal group =
        CONFIG
            .getFileSystem()
            .getUserPrincipalLookupService()
            .lookupPrincipalByGroupName("anycast");
    try (Stream<Path> files = Files.list(CONFIG)) {
      for (Path file : files.toList()) {
        PosixFileAttributeView view =
            Files.getFileAttributeView(file, PosixFileAttributeView.class);
        view.setGroup(group);
        view.setPermissions(PosixFilePermissions.fromString("rw-r-----"));
      }
    }
  }

  private Map<String, Object> fleetFile() {
    return Map.of(
        "ca", identities.publicCa().toString(),
        "state", Map.of("url", URL),
        "edges", List.of(Map.of("name", EDGE, "https", HTTPS, "admin", socket(EDGE).toString())));
  }

  /// Starts the store and the app and writes their rows.
  void startState() throws FleetFault {
    store =
        ChildProcess.java(
            dir,
            "state",
            List.of("-XX:+UseSerialGC", "-Xmx96m"),
            List.of(
                "anycast.routing.feed.sqlite.StateMain",
                "--listen",
                "127.0.0.1:9000",
                "--database",
                dir.resolve("state.db").toString(),
                "--ready-file",
                ChildProcess.readyFile(dir, "state").toString()));
    app =
        ChildProcess.java(
            dir,
            "hello-1",
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx48m"),
            List.of(
                "anycast.demo.DemoApp",
                "--instance",
                "hello-1",
                "--app",
                APP,
                "--node",
                WORKER,
                "--region",
                "fra",
                "--protocol",
                AppProtocol.HTTP1.name(),
                "--port",
                Integer.toString(APP_PORT),
                "--ready-file",
                ChildProcess.readyFile(dir, "hello-1").toString()));
    store.awaitReady(ticker, START);
    app.awaitReady(ticker, START);
    StateRows rows = new StateRows(URI.create(URL));
    rows.app(APP);
    rows.service(new FleetPlan.App(APP, AppProtocol.HTTP1, false), 200, 1000);
    rows.host(new FleetPlan.Host(HOST, APP));
    rows.certificate(HOST, identities.publicCertificate(HOST));
    rows.write();
  }

  long storePid() {
    return store.pid();
  }

  /// They end with this process anyway.
  @Override
  public void close() {
    for (ChildProcess child : new ChildProcess[] {app, store}) {
      if (child != null) {
        child.askToEnd();
      }
    }
  }
}
