package anycast.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How a fleet is to be started.
///
/// @param dir an existing directory for everything that the fleet writes
/// @param basePort the first of the pinned ports, or 0 for free ones
/// @param state what holds the fleet's state
/// @param jvmFlags more flags for the proxies' JVMs
/// @param caches where [Training] put what makes a start short
/// @param readyTimeout how long a process may take to start; generous, as a loaded two-core machine
///   starts twelve
public record FleetSettings(
    Path dir,
    int basePort,
    Engine state,
    List<String> jvmFlags,
    Optional<Path> caches,
    Duration readyTimeout) {
  /// What can hold a state.
  enum Engine {
    /// The embedded store.
    STORE,
    /// NATS JetStream, one server.
    NATS
  }

  /// The state store, two listeners of each edge, one of each worker.
  static final int PORTS = 8;

  /// The port of the `index`th listener.
  int port(int index) {
    return basePort == 0 ? 0 : basePort + index;
  }
}
