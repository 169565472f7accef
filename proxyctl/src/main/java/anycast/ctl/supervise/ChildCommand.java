package anycast.ctl.supervise;

import anycast.backhaul.watchdog.HostSlot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// How a service's process is started: sd_listen_fds(3) and sd_watchdog_enabled(3) in its
/// environment.
///
/// @param dies whether the kernel ends it with the supervisor (prctl(2), PR_SET_PDEATHSIG)
/// @param slot of the host
record ChildCommand(ServiceConfig config, boolean dies, Optional<Path> slot) {
  /// A process cannot be told its number before it is there: so it says it itself, and becomes the
  /// service by `exec`.
  private static final String WITH_PIDS = "export LISTEN_PID=$$ WATCHDOG_PID=$$; exec \"$@\"";

  private static final String WITHOUT_PIDS = "exec \"$@\"";

  /// What a supervisor of the supervisor told it.
  private static final List<String> FOREIGN =
      List.of(
          "LISTEN_FDS",
          "LISTEN_PID",
          "LISTEN_FDNAMES",
          "NOTIFY_SOCKET",
          "WATCHDOG_USEC",
          "WATCHDOG_PID");

  /// Of `sh`.
  List<String> arguments() {
    boolean pids = !config.sockets().isEmpty() || config.limits().watchdog().isPresent();
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("sh", "-c", pids ? WITH_PIDS : WITHOUT_PIDS, config.name()));
    if (dies) {
      arguments.addAll(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    }
    arguments.addAll(config.command());
    return arguments;
  }

  /// @param own the supervisor's environment
  /// @param notify the socket on which the service tells
  Map<String, String> environment(Map<String, String> own, Path notify) {
    Map<String, String> environment = new TreeMap<>(own);
    FOREIGN.forEach(environment::remove);
    slot.ifPresent(path -> environment.put(HostSlot.DIRECTORY_VARIABLE, path.toString()));
    environment.putAll(config.environment());
    environment.put(Orphans.VARIABLE, notify.toAbsolutePath().toString());
    if (!config.sockets().isEmpty()) {
      environment.put("LISTEN_FDS", Integer.toString(config.sockets().size()));
      environment.put(
          "LISTEN_FDNAMES",
          config.sockets().stream()
              .map(ServiceConfig.Listen::name)
              .collect(Collectors.joining(":")));
    }
    if (config.notifies()) {
      environment.put("NOTIFY_SOCKET", notify.toString());
    }
    config
        .limits()
        .watchdog()
        .ifPresent(
            silence -> environment.put("WATCHDOG_USEC", Long.toString(silence.toNanos() / 1000)));
    return environment;
  }
}
