package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import anycast.routing.feed.corrosion.StateClient;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The store's main in a process of its own.
public final class StoreProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final Path ready;

  private StoreProcess(Process process, Path log, Path ready) {
    this.process = process;
    this.log = log;
    this.ready = ready;
  }

  /// @param directory gets the log and the ready file
  static StoreProcess start(Path directory, List<String> arguments) throws IOException {
    Path log = Files.createTempFile(directory, "state", ".log");
    Path ready = directory.resolve(log.getFileName() + ".ready");
    List<String> all = new ArrayList<>(arguments);
    if (arguments.getFirst().startsWith("--") && !arguments.contains("--ready-file")) {
      all.addAll(List.of("--ready-file", ready.toString()));
    }
    List<String> flags =
        List.of(
            ChildJvm.QUICK,
            "-XX:+UseSerialGC",
            "-Dlogback.configurationFile=" + logging(directory),
            "-Djava.io.tmpdir=" + temporary(directory));
    List<String> command = ChildJvm.command(flags, StateMain.class, all.toArray());
    return new StoreProcess(ChildJvm.start(log, command), log, ready);
  }

  /// Where it has its temporary files.
  static Path temporary(Path directory) throws IOException {
    return Files.createDirectories(directory.resolve("tmp"));
  }

  /// With what is said at start, which other tests do not want to read.
  private static Path logging(Path directory) throws IOException {
    return Files.writeString(
        directory.resolve("logback.xml"),
        """
        <configuration>
          <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%level %msg%n</pattern></encoder>
          </appender>
          <root level="info"><appender-ref ref="out"/></root>
        </configuration>
        """);
  }

  /// One that listens.
  public static StoreProcess serving(Path directory, Path database, String... more)
      throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--listen", "127.0.0.1:0", "--database", database.toString()));
    arguments.addAll(List.of(more));
    StoreProcess store = start(directory, arguments);
    ChildJvm.awaitFile(store.process, store.ready, store.log);
    return store;
  }

  /// Runs to its end.
  static String run(Path directory, int code, String... arguments) throws Exception {
    try (StoreProcess store = start(directory, List.of(arguments))) {
      return store.ended(code);
    }
  }

  String ended(int code) throws Exception {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), said());
    assertEquals(code, process.exitValue(), said());
    return said();
  }

  String said() throws IOException {
    return Files.readString(log);
  }

  public URI uri() throws IOException {
    return URI.create(new ObjectMapper().readTree(ready.toFile()).path("state").asText());
  }

  public StateClient client() throws IOException {
    return new StateClient(List.of(uri()), Optional.empty());
  }

  long pid() {
    return process.pid();
  }

  HttpResponse<String> post(HttpClient http, String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri().resolve(path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  public void terminate() throws Exception {
    process.destroy();
    ended(0);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
