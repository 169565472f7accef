package anycast.demo;

import anycast.routing.model.Node;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Lets an edge and a worker serve for a moment and has the JVM note what they load and link: a
/// proxy that starts with these notes is there in half the time and with half the work.
///
/// **Threading.** One thread that lives as long as its children.
@Command(name = "training")
public final class Training implements Callable<Integer> {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(120);

  /// The JVM writes its notes at its end, some 60 MB.
  private static final Duration END_TIMEOUT = Duration.ofSeconds(120);

  /// Canaries go their way as well meanwhile, and what is noted is what has run.
  private static final int REQUESTS = 40;

  private static final FleetPlan.Proxy EDGE = FleetPlan.EDGES.getFirst();
  private static final FleetPlan.Proxy WORKER = FleetPlan.WORKERS.getFirst();
  private static final FleetPlan.Instance INSTANCE = FleetPlan.INSTANCES.getFirst();
  private static final FleetPlan.Host HOST = FleetPlan.HOSTS.getFirst();

  @Option(names = "--dir", required = true)
  private Path dir;

  @Option(names = "--to", required = true)
  private Path to;

  private final Ticker ticker = Ticker.system();
  private final List<ChildProcess> started = new ArrayList<>();

  public static void main(String[] args) {
    System.exit(new CommandLine(new Training()).execute(args));
  }

  /// What a JVM is to be started with so that it begins with the notes of a kind of proxy.
  ///
  /// @param kind `edge` or `worker`
  static Path cache(Path caches, String kind) {
    return caches.resolve(kind + ".aot");
  }

  private Path notes(String kind) {
    return to.resolve(kind + ".notes");
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      serve();
      make("edge");
      make("worker");
      return 0;
    } catch (FleetFault | IOException e) {
      System.err.println("training: " + e.getMessage());
      return 1;
    } finally {
      end(started.reversed());
    }
  }

  private void serve() throws FleetFault {
    FleetIdentities identities = new FleetIdentities(dir, InstantSource.system());
    JsonNode state =
        start(
            "state",
            List.of(),
            "anycast.routing.feed.sqlite.StateMain",
            "--listen",
            "127.0.0.1:0",
            "--database",
            dir.resolve("state.db").toString(),
            "--ready-file",
            ChildProcess.readyFile(dir, "state").toString());
    String url = state.path("state").asText();
    write(identities, url);
    Path workerConfig = ProxyConfigs.worker(dir, WORKER, url, 0, List.of(placed(app())), 1);
    Path edgeConfig = ProxyConfigs.edge(dir, EDGE, url, 0, 1);
    identities.writeNode(dir, Node.Role.WORKER, WORKER.name());
    identities.writeNode(dir, Node.Role.EDGE, EDGE.name());
    proxy("worker", WORKER.name(), "anycast.backhaul.worker.WorkerMain", workerConfig);
    JsonNode edge = proxy("edge", EDGE.name(), "anycast.edge.EdgeMain", edgeConfig);
    Probe probe = new Probe(identities.publicCa(), ticker);
    String https = edge.path("addresses").path("https").asText();
    for (int i = 0; i < REQUESTS; i++) {
      probe.awaitAnswer(EDGE.name(), https, HOST.name(), "/", READY_TIMEOUT);
    }
    end(List.of(started.removeLast(), started.removeLast()));
  }

  private void write(FleetIdentities identities, String url) throws FleetFault {
    StateRows rows = new StateRows(URI.create(url));
    rows.app(INSTANCE.app());
    rows.service(FleetPlan.app(INSTANCE.app()), 10, 10);
    rows.host(HOST);
    rows.certificate(HOST.name(), identities.publicCertificate(HOST.name()));
    rows.virtualService(Shop.NAME, Shop.document());
    rows.write();
  }

  private JsonNode app() throws FleetFault {
    return start(
        INSTANCE.id(),
        List.of("-XX:TieredStopAtLevel=1"),
        "anycast.demo.DemoApp",
        "--instance",
        INSTANCE.id(),
        "--app",
        INSTANCE.app(),
        "--node",
        INSTANCE.node(),
        "--region",
        WORKER.region(),
        "--protocol",
        FleetPlan.app(INSTANCE.app()).protocol().name(),
        "--port",
        "0",
        "--ready-file",
        ChildProcess.readyFile(dir, INSTANCE.id()).toString());
  }

  private static ProxyConfigs.Placed placed(JsonNode app) {
    String address = app.path("addresses").path("app").asText();
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    return new ProxyConfigs.Placed(INSTANCE, port);
  }

  private JsonNode proxy(String kind, String name, String main, Path config) throws FleetFault {
    ProxyConfigs.guard(config, name);
    List<String> flags = new ArrayList<>(Fleet.PROXY_FLAGS);
    flags.addAll(List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + notes(kind)));
    return start(name, flags, main, "--config", config.toString());
  }

  private JsonNode start(String name, List<String> flags, String... mainAndArguments)
      throws FleetFault {
    ChildProcess child = ChildProcess.java(dir, name, flags, List.of(mainAndArguments));
    started.add(child);
    return child.awaitReady(ticker, READY_TIMEOUT);
  }

  private void end(List<ChildProcess> some) {
    some.forEach(ChildProcess::askToEnd);
    long deadlineNanos = ticker.nanos() + END_TIMEOUT.toNanos();
    some.forEach(child -> child.awaitEnd(ticker, deadlineNanos));
  }

  /// Makes the cache from the notes, in a JVM that runs nothing.
  private void make(String kind) throws FleetFault, IOException, InterruptedException {
    List<String> flags = new ArrayList<>(Fleet.PROXY_FLAGS);
    flags.addAll(List.of("-XX:AOTMode=create", "-XX:AOTConfiguration=" + notes(kind)));
    flags.add("-XX:AOTCache=" + cache(to, kind));
    List<String> command = ChildProcess.javaCommand(flags, List.of());
    Path log = dir.resolve(kind + "-cache.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new FleetFault("no cache could be made, see " + log);
    }
    notes(kind).toFile().delete();
  }
}
