package anycast.demo;

import anycast.ctl.Main;
import anycast.routing.ChildJvm;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The demo fleet as `deploy/demo --detach` starts it, for a test.
public final class FleetProcess {
  private static final long START_SECONDS = 200;

  private final Process process;
  private final Path dir;
  private final JsonNode file;

  private FleetProcess(Process process, Path dir, JsonNode file) {
    this.process = process;
    this.dir = dir;
    this.file = file;
  }

  public static FleetProcess start(Path dir, String... more)
      throws IOException, InterruptedException {
    Path log = dir.resolve("demo.log");
    Process process = demo(dir, log, more);
    Path file = dir.resolve("fleet.json");
    for (long tenths = 0; !Files.exists(file); tenths++) {
      boolean ended = process.waitFor(100, TimeUnit.MILLISECONDS);
      if (ended || tenths > START_SECONDS * 10) {
        process.destroy();
        process.waitFor(30, TimeUnit.SECONDS);
        throw new IllegalStateException("the fleet did not start:\n" + Files.readString(log));
      }
    }
    return new FleetProcess(process, dir, new JsonMapper().readTree(file.toFile()));
  }

  private static Process demo(Path dir, Path log, String... more) throws IOException {
    List<String> command =
        ChildJvm.quick(
            Demo.class, "--dir", dir, "--jvm", "-Dio.netty.leakDetection.level=paranoid");
    command.addAll(List.of(more));
    return ChildJvm.start(log, ChildJvm.mortal("TERM", command));
  }

  /// Starts a fleet where one runs already: its exit code and what it says.
  ChildJvm.Ended startAgain() throws IOException, InterruptedException {
    Path output = Files.createTempFile(dir, "again", ".out");
    Process again = demo(dir, output);
    if (!again.waitFor(30, TimeUnit.SECONDS)) {
      again.destroy();
      throw new IOException("a second fleet starts in the place of the first");
    }
    return new ChildJvm.Ended(again.exitValue(), Files.readString(output));
  }

  public JsonNode file() {
    return file;
  }

  /// What `fleet.json` should say and does not.
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (ListShape list :
        List.of(
            new ListShape("edges", 2, "name node region log admin https http"),
            new ListShape("workers", 3, "name node region log admin backhaul"),
            new ListShape("instances", 10, "id app node region address pid"),
            new ListShape("hosts", 3, "name app"))) {
      if (file.path(list.name()).size() != list.size()) {
        missing.add(list.name() + " has " + file.path(list.name()).size() + " entries");
      }
      for (JsonNode entry : file.path(list.name())) {
        for (String field : list.fields().split(" ")) {
          String value = entry.path(field).asText();
          boolean isPath = field.equals("log") || field.equals("admin");
          if (value.isEmpty() || isPath && !Files.exists(Path.of(value))) {
            missing.add(field + " of " + entry);
          }
        }
      }
    }
    return missing;
  }

  /// @param fields separated by spaces
  private record ListShape(String name, int size, String fields) {}

  Path ca() {
    return Path.of(file.path("ca").asText());
  }

  /// `https://host:port`, or `http://…`, at one edge.
  String url(String region, String scheme, String host) {
    String address = find("edges", "region", region).path(scheme).asText();
    return scheme + "://" + host + address.substring(address.lastIndexOf(':'));
  }

  /// The entry of `list` whose `field` is `value`.
  JsonNode find(String list, String field, String value) {
    for (JsonNode entry : file.path(list)) {
      if (entry.path(field).asText().equals(value)) {
        return entry;
      }
    }
    throw new IllegalArgumentException("no " + value + " in " + list);
  }

  /// Who knows the processes of edges and workers.
  Supervised supervised() {
    return new Supervised(
        Path.of(file.path("supervisor").path("socket").asText()), Ticker.system());
  }

  /// All processes of the fleet at this moment.
  List<Long> pids() throws IOException {
    List<Long> pids = new ArrayList<>();
    file.path("instances").forEach(entry -> pids.add(entry.path("pid").asLong()));
    supervised().services().forEach(service -> pids.add(service.pid()));
    pids.add(file.path("supervisor").path("pid").asLong());
    pids.add(file.path("state").path("pid").asLong());
    return pids;
  }

  /// One statement in one transaction, as an operator's tool sends it.
  void transact(String statement) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(file.path("state").path("url").asText() + "/v1/transactions"))
              .timeout(Duration.ofSeconds(10))
              .header("content-type", "application/json")
              .POST(
                  BodyPublishers.ofString(
                      new JsonMapper().writeValueAsString(List.of(List.of(statement, List.of())))))
              .build();
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException(response.statusCode() + " " + response.body());
      }
    }
  }

  /// `proxyctl` as its own process: exit code and output.
  ChildJvm.Ended proxyctl(String socket, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = ChildJvm.quick(Main.class, "--timeout", "10s", "--socket", socket);
    command.addAll(List.of(arguments));
    return ChildJvm.run(Files.createTempFile(dir, "proxyctl", ".out"), command);
  }

  /// Lines of any log that `text` is in.
  List<String> logged(String text) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> logs = Files.list(dir)) {
      for (Path log : logs.filter(path -> path.toString().endsWith(".log")).toList()) {
        for (String line : Files.readAllLines(log)) {
          if (line.contains(text)) {
            found.add(log.getFileName() + ": " + line);
          }
        }
      }
    }
    return found;
  }

  boolean running() {
    return process.isAlive();
  }

  public void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
