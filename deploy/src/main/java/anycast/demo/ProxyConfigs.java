package anycast.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The proxies' configuration files; a person who reads the run directory finds a complete example
/// of each.
public final class ProxyConfigs {
  private ProxyConfigs() {}

  public static Path edge(
      Path dir, FleetPlan.Proxy edge, String stateUrl, int httpsPort, int eventLoops)
      throws FleetFault {
    String name = edge.name();
    int httpPort = httpsPort == 0 ? 0 : httpsPort + 1;
    return write(
        dir.resolve(name + ".yaml"),
        """
        node: %s
        region: %s
        state: %s
        last_good: { directory: %s-last-good }
        listeners:
          - { name: https, listen: "127.0.0.1:%d", port: 443, tls: true }
          - { name: http, listen: "127.0.0.1:%d", port: 80, tls: false }
        identity: { ca: link-ca/ca.pem, certificate: %s.pem, key: %s.key }
        admin: { socket: %s.sock }
        runtime: { transport: auto, event_loops: %d }
        ready_file: %s
        """
            .formatted(
                name,
                edge.region(),
                state(stateUrl),
                name,
                httpsPort,
                httpPort,
                name,
                name,
                name,
                eventLoops,
                ChildProcess.readyFile(dir, name).getFileName()));
  }

  /// An instance with the port that it listens on.
  public record Placed(FleetPlan.Instance instance, int port) {}

  public static Path worker(
      Path dir,
      FleetPlan.Proxy worker,
      String stateUrl,
      int port,
      List<Placed> instances,
      int eventLoops)
      throws FleetFault {
    String name = worker.name();
    StringBuilder text = new StringBuilder();
    text.append(
        """
        node: %s
        region: %s
        state: %s
        last_good: { directory: %s-last-good }
        backhaul: { listen: "127.0.0.1:%d", advertise: "" }
        identity: { ca: link-ca/ca.pem, certificate: %s.pem, key: %s.key }
        admin: { socket: %s.sock }
        runtime: { transport: auto, event_loops: %d }
        ready_file: %s
        instances:
        """
            .formatted(
                name,
                worker.region(),
                state(stateUrl),
                name,
                port,
                name,
                name,
                name,
                eventLoops,
                ChildProcess.readyFile(dir, name).getFileName()));
    for (Placed placed : instances) {
      text.append(
          "  - { id: %s, app: %s, address: 127.0.0.1, port: %d, labels: { %s } }\n"
              .formatted(
                  placed.instance().id(),
                  placed.instance().app(),
                  placed.port(),
                  labels(placed.instance())));
    }
    return write(dir.resolve(name + ".yaml"), text.toString());
  }

  /// Lets a proxy of the fleet keep what its watchdog and its admission write, and take documents
  /// with built-in faults, for drills; a soak is short enough to wait for.
  static void guard(Path config, String name) throws FleetFault {
    try {
      Files.writeString(
          config,
          """
          watchdog: { directory: %s-watchdog, jitter: 250ms }
          admission: { directory: %s-admission, soak: 5s }
          faults: enabled
          """
              .formatted(name, name),
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new FleetFault(config + " could not be written", e);
    }
  }

  private static String labels(FleetPlan.Instance instance) {
    return new TreeMap<>(instance.labels())
        .entrySet().stream()
            .map(label -> label.getKey() + ": \"" + label.getValue() + "\"")
            .collect(Collectors.joining(", "));
  }

  private static String state(String url) {
    return url.startsWith("nats:")
        ? "{ nats: { servers: [\"%s\"] } }".formatted(url)
        : "{ urls: [\"%s\"] }".formatted(url);
  }

  private static Path write(Path file, String text) throws FleetFault {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new FleetFault(file + " could not be written", e);
    }
  }
}
