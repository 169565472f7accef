package anycast.ctl;

import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsState;
import anycast.routing.time.Ticker;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A real store and a real NATS server, each as a process of its own.
final class Places implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Path dir;
  private final List<Process> processes = new ArrayList<>();

  Places(Path dir) {
    this.dir = dir;
  }

  URI store() throws Exception {
    return store("state.db");
  }

  /// @param database its file
  URI store(String database) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return URI.create(
        start(
                Pattern.compile("(http://127\\.0\\.0\\.1:\\d+)"),
                List.of(
                    java,
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "anycast.routing.feed.sqlite.StateMain",
                    "--listen",
                    "127.0.0.1:0",
                    "--database",
                    dir.resolve(database).toString()))
            .get(30, TimeUnit.SECONDS));
  }

  URI nats() throws Exception {
    URI url = emptyNats();
    try (NatsState state = nats(url)) {
      state.makeBuckets(Arrays.asList(Table.values()));
    }
    return url;
  }

  /// One without buckets.
  URI emptyNats() throws Exception {
    String port =
        start(
                Pattern.compile("Listening for client connections on 127\\.0\\.0\\.1:(\\d+)"),
                List.of(
                    "nats-server", "-js", "-a", "127.0.0.1", "-p", "-1", "-sd", dir + "/jetstream"))
            .get(30, TimeUnit.SECONDS);
    return URI.create("nats://127.0.0.1:" + port);
  }

  /// Writes rows as a worker or another tool does.
  static void put(URI place, Table table, List<Object> cells) throws Exception {
    if (place.getScheme().equals("nats")) {
      try (NatsState state = nats(place)) {
        state.put(table, cells);
      }
    } else {
      try (StateClient client = new StateClient(List.of(place), Optional.empty())) {
        client.transact(List.of(Statement.put(table, cells)));
      }
    }
  }

  private static NatsState nats(URI url) throws Exception {
    NatsState state = new NatsState(NatsConfig.of(List.of(url)), Ticker.system());
    state.awaitConnected(DEADLINE);
    return state;
  }

  /// @return what `told` finds in the process's output
  private CompletableFuture<String> start(Pattern told, List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    CompletableFuture<String> found = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          StringBuilder all = new StringBuilder();
          try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              all.append(line).append('\n');
              Matcher match = told.matcher(line);
              if (match.find()) {
                found.complete(match.group(1));
              }
            }
          } catch (IOException e) {
            // killed
          }
          found.completeExceptionally(new IOException("ended: " + all));
        });
    return found;
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }
}
