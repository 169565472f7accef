package anycast.demo;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The supervisor of the fleet's proxies, as others ask it: a proxy's process is another one after
/// a restart, so nobody else knows its number.
///
/// **Threading.** Any.
public final class Supervised {
  /// A page of a small process.
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final Path socket;
  private final AdminProbe probe;

  /// One service.
  ///
  /// @param state in a word
  /// @param pid 0 = it does not run
  /// @param restarts starts after the first
  /// @param lastEnd how its process before ended and why; empty = it is the first
  public record Service(String name, String state, long pid, long restarts, String lastEnd) {}

  public Supervised(Path socket, Ticker ticker) {
    this.socket = socket;
    this.probe = new AdminProbe(ticker);
  }

  public List<Service> services() throws IOException {
    return services(LIMIT);
  }

  /// In the order of its file.
  ///
  /// @throws java.net.SocketTimeoutException when it took longer than `limit`
  public List<Service> services(Duration limit) throws IOException {
    List<Service> services = new ArrayList<>();
    for (JsonNode each : probe.ask(socket, "/services", limit).path("services")) {
      services.add(
          new Service(
              each.path("name").asText(),
              each.path("state").asText(),
              each.path("pid").asLong(),
              each.path("restarts").asLong(),
              ended(each.path("last_end"))));
    }
    return services;
  }

  private static String ended(JsonNode last) {
    String why = last.path("reason").asText("");
    return last.path("how").asText("") + (why.isEmpty() ? "" : ": " + why);
  }

  public Service service(String name, Duration limit) throws IOException {
    for (Service service : services(limit)) {
      if (service.name().equals(name)) {
        return service;
      }
    }
    throw new IOException("the supervisor knows no " + name);
  }

  /// The process of a proxy; 0 = it does not run.
  public long pid(String name) throws IOException {
    return service(name, LIMIT).pid();
  }

  /// Has it stop, start or restart a service; does not wait.
  public void command(String verb, String name) throws FleetFault {
    try {
      probe.post(socket, "/" + verb + "?service=" + name, LIMIT);
    } catch (IOException e) {
      throw new FleetFault("the supervisor does not " + verb + " " + name, e);
    }
  }
}
