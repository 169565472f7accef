package anycast.drill;

import anycast.demo.ChildProcess;
import anycast.demo.FleetFault;
import anycast.demo.Health;
import anycast.demo.Supervised;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.StateException;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// What an operator of the demo fleet can do: write rows, run `proxyctl`, stop and start the store.
///
/// **Threading.** One thread. **Faults.** A [FleetFault] where the fleet does not do as it should.
final class Operator implements AutoCloseable {
  /// Far above what a loaded machine needs: a drill that hangs has failed.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration PAUSE = Duration.ofMillis(50);

  /// An edge by name, with its TLS listener and admin socket.
  record Edge(String name, String https, Path socket) {}

  private final Path dir;
  private final Duration patience;
  private final PrintStream out;
  private final Ticker ticker;
  private final JsonNode fleet;
  private final StateClient state;

  /// @param dir where a fleet runs
  Operator(Path dir, PrintStream out, Ticker ticker) throws FleetFault {
    this(dir, PATIENCE, out, ticker);
  }

  /// @param patience with everything that is waited for
  Operator(Path dir, Duration patience, PrintStream out, Ticker ticker) throws FleetFault {
    this.dir = dir;
    this.patience = patience;
    this.out = out;
    this.ticker = ticker;
    this.fleet = fleetFile();
    this.state =
        new StateClient(
            List.of(URI.create(fleet.path("state").path("url").asText())), Optional.empty());
  }

  private JsonNode fleetFile() throws FleetFault {
    Path file = dir.resolve("fleet.json");
    try {
      return new JsonMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new FleetFault("no fleet runs in " + dir, e);
    }
  }

  Path ca() {
    return Path.of(fleet.path("ca").asText());
  }

  private String database() {
    return fleet.path("state").path("database").asText();
  }

  String stateUrl() {
    return fleet.path("state").path("url").asText();
  }

  /// What the fleet's file says of an instance.
  JsonNode instance(String id) {
    for (JsonNode instance : fleet.path("instances")) {
      if (instance.path("id").asText().equals(id)) {
        return instance;
      }
    }
    throw new IllegalArgumentException("no instance " + id);
  }

  List<Edge> edges() {
    List<Edge> edges = new ArrayList<>();
    for (JsonNode edge : fleet.path("edges")) {
      edges.add(
          new Edge(
              edge.path("name").asText(),
              edge.path("https").asText(),
              Path.of(edge.path("admin").asText())));
    }
    return edges;
  }

  /// Who knows how the proxies are.
  Supervised supervisor() {
    return new Supervised(Path.of(fleet.path("supervisor").path("socket").asText()), ticker);
  }

  /// The admin sockets of all proxies, by name.
  Map<String, Path> sockets() {
    Map<String, Path> sockets = new TreeMap<>();
    for (String list : List.of("edges", "workers")) {
      for (JsonNode proxy : fleet.path(list)) {
        sockets.put(proxy.path("name").asText(), Path.of(proxy.path("admin").asText()));
      }
    }
    return sockets;
  }

  /// The same host at each edge.
  List<Target> targets(String label, String host) {
    return edges().stream().map(edge -> new Target(label, host, edge.https())).toList();
  }

  /// Writes rows in one transaction.
  void write(List<Statement> statements) throws FleetFault, InterruptedException {
    try {
      state.transact(statements);
    } catch (StateException e) {
      throw new FleetFault("rows could not be written", e);
    }
  }

  /// One cell.
  String read(String sql, Object... params) throws FleetFault, InterruptedException {
    try {
      List<List<Object>> rows = state.query(Statement.of(sql, params));
      return rows.isEmpty() ? "" : String.valueOf(rows.getFirst().getFirst());
    } catch (StateException e) {
      throw new FleetFault("state could not be read", e);
    }
  }

  /// A question that may go wrong while things change.
  interface Question {
    boolean answer() throws IOException;
  }

  void await(String what, Question question) throws FleetFault {
    long startedNanos = ticker.nanos();
    while (true) {
      try {
        if (question.answer()) {
          return;
        }
      } catch (IOException e) {
        // asked again
      }
      if (ticker.nanos() - startedNanos > patience.toNanos()) {
        throw new FleetFault("within " + patience.toSeconds() + " s not: " + what);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /// Waits until each edge's page on its state is as wanted.
  void awaitState(String what, java.util.function.Predicate<JsonNode> wanted) throws FleetFault {
    for (Edge edge : edges()) {
      await(what + " at " + edge.name(), () -> wanted.test(Health.ask(edge.socket(), "/state")));
    }
  }

  /// The version of the table that an edge has in force.
  long version(Edge edge) throws FleetFault {
    try {
      return Health.ask(edge.socket(), "/state").path("version").asLong();
    } catch (IOException e) {
      throw new FleetFault(edge.name() + " does not answer", e);
    }
  }

  /// Runs `proxyctl` in a process of its own and shows what it prints.
  ///
  /// @return its exit code
  int proxyctl(String... arguments) throws FleetFault, InterruptedException {
    out.println("$ proxyctl " + String.join(" ", arguments));
    List<String> main = new ArrayList<>(List.of("anycast.ctl.Main", "--timeout", "20s"));
    main.addAll(List.of(arguments));
    List<String> flags = List.of("-XX:TieredStopAtLevel=1", "-Xmx64m", "-XX:+UseSerialGC");
    List<String> command = ChildProcess.javaCommand(flags, main);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      said.lines().forEach(line -> out.println("  " + line));
      return process.waitFor();
    } catch (IOException e) {
      throw new FleetFault("proxyctl could not be run", e);
    }
  }

  /// Sends a signal to a process.
  ///
  /// @param what it is, for the reader
  void signal(String name, long pid, String what) throws FleetFault, InterruptedException {
    out.println("$ kill -" + name + " " + pid + "   # " + what);
    run("kill", "-" + name, Long.toString(pid));
  }

  /// Runs a program, whose output nobody reads, to its end.
  void run(String... command) throws FleetFault, InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor() != 0) {
        throw new FleetFault(String.join(" ", command) + " failed");
      }
    } catch (IOException e) {
      throw new FleetFault(command[0] + " could not be run", e);
    }
  }

  /// Asks the edges.
  void ask(List<Edge> edges, String... question) throws FleetFault, InterruptedException {
    List<String> arguments = new ArrayList<>();
    for (Edge edge : edges) {
      arguments.addAll(List.of("--socket", edge.socket().toString()));
    }
    arguments.addAll(List.of(question));
    proxyctl(arguments.toArray(String[]::new));
  }

  void backup(Path to) throws FleetFault, InterruptedException {
    if (proxyctl("state", "backup", "--database", database(), "--to", to.toString()) != 0) {
      throw new FleetFault("no backup could be made");
    }
  }

  /// Stops the store, puts the backup in its place and lets the fleet start it again.
  void restore(Path from) throws FleetFault, InterruptedException {
    Path stopped = dir.resolve("state.stopped");
    long pid = fleetFile().path("state").path("pid").asLong();
    try {
      Files.writeString(stopped, "the drill restores its file\n");
      try {
        out.println("$ touch " + stopped + "; kill " + pid);
        ProcessHandle store =
            ProcessHandle.of(pid).orElseThrow(() -> new FleetFault("the store does not run"));
        store.destroy();
        await("the store stops", () -> !store.isAlive());
        if (proxyctl("state", "restore", "--database", database(), "--from", from.toString())
            != 0) {
          throw new FleetFault("the backup could not be restored");
        }
      } finally {
        out.println("$ rm " + stopped);
        Files.deleteIfExists(stopped);
      }
    } catch (IOException e) {
      throw new FleetFault("the store could not be stopped", e);
    }
    await(
        "the store answers again",
        () -> {
          try {
            return !read("SELECT count(*) FROM apps").isEmpty();
          } catch (FleetFault e) {
            return false;
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
  }

  @Override
  public void close() {
    state.close();
  }
}
