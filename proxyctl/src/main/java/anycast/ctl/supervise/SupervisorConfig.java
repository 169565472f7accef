package anycast.ctl.supervise;

import anycast.backhaul.runtime.ConfigBlock;
import anycast.backhaul.runtime.ConfigFile;
import anycast.backhaul.runtime.ConfigProblems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The supervisor's file.
///
/// @param socket where it is asked
/// @param slot directory of the host's slot, which its services share; empty = they are on their
///   own
/// @param diesWithSupervisor whether the kernel kills the services when the supervisor ends without
///   having stopped them
/// @param readyFile written when it listens and answers; empty = none
/// @param services in the order of the file, at least one
record SupervisorConfig(
    Path socket,
    Optional<Path> slot,
    boolean diesWithSupervisor,
    Optional<Path> readyFile,
    List<ServiceConfig> services) {
  /// Each has two threads here.
  private static final int MAX_SERVICES = 64;

  /// Until each of them has stopped, or is killed.
  Duration longestStop() {
    return services.stream()
        .map(service -> service.limits().stop())
        .max(Duration::compareTo)
        .orElseThrow();
  }

  /// Reads and checks all of it.
  ///
  /// @throws ConfigProblems every problem, with its line
  static SupervisorConfig read(Path path) throws ConfigProblems {
    ConfigFile file = ConfigFile.read(path);
    ConfigBlock root = file.root();
    Path socket = root.path("socket");
    if (socket != null && !Files.isDirectory(socket.getParent())) {
      root.note("socket", "is in a directory that is not there: " + socket.getParent());
    }
    Optional<Path> slot = Optional.ofNullable(root.path("slot", null));
    boolean dies = root.bool("die_with_supervisor", false);
    Optional<Path> ready = Optional.ofNullable(root.path("ready_file", null));
    List<ServiceConfig> services = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<Path> logs = new HashSet<>();
    for (ConfigBlock block : root.blocks("services")) {
      ServiceConfig service = ServiceConfig.read(block);
      if (service.name() != null && !names.add(service.name())) {
        block.note("name", "stands twice: " + service.name());
      }
      if (service.log() != null && !logs.add(service.log())) {
        block.note("log", "is another service's too: " + service.log());
      }
      services.add(service);
    }
    if (services.size() > MAX_SERVICES) {
      root.note("services", "has more than " + MAX_SERVICES);
    }
    file.check();
    return new SupervisorConfig(socket, slot, dies, ready, List.copyOf(services));
  }
}
