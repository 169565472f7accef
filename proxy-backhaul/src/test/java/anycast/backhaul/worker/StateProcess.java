package anycast.backhaul.worker;

import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A state store in a process of its own.
final class StateProcess implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 30;

  private final Process process;
  final URI url;
  final StateClient client;

  private StateProcess(Process process, URI url) {
    this.process = process;
    this.url = url;
    this.client = new StateClient(List.of(url), Optional.empty());
  }

  static StateProcess start(Path directory) throws IOException, InterruptedException {
    Path ready = directory.resolve("state.json");
    Process process =
        java(
            directory.resolve("state.log"),
            "anycast.routing.feed.sqlite.StateMain",
            "--listen",
            "127.0.0.1:0",
            "--database",
            directory.resolve("state.db").toString(),
            "--ready-file",
            ready.toString());
    awaitFile(process, ready, directory.resolve("state.log"));
    String url = new ObjectMapper().readTree(ready.toFile()).findValue("state").asText();
    return new StateProcess(process, URI.create(url));
  }

  /// A main class of this class path, as a process.
  static Process java(Path log, String main, String... arguments) throws IOException {
    return java(log, List.of(), main, arguments);
  }

  static Process java(Path log, List<String> flags, String main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  static void awaitFile(Process process, Path ready, Path log)
      throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!Files.exists(ready)) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadlineNanos) {
        throw new AssertionError("not ready: " + Files.readString(log));
      }
    }
  }

  void write(String sql, Object... params) throws IOException, InterruptedException {
    client.transact(List.of(Statement.of(sql, params)));
  }

  List<List<Object>> query(String sql, Object... params) throws IOException, InterruptedException {
    return client.query(Statement.of(sql, params));
  }

  @Override
  public void close() {
    client.close();
    process.destroyForcibly();
  }
}
