package anycast.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The supervisor's file: a complete example for who reads the run directory.
final class SupervisorFile {
  private SupervisorFile() {}

  /// A listener that the supervisor holds for a proxy.
  record Socket(String name, int port) {}

  /// One proxy.
  ///
  /// @param kind `edge` or `worker`
  record Entry(String name, String kind, String main, Path config, List<Socket> sockets) {}

  /// @param jvmFlags of each proxy
  static Path write(FleetSettings settings, List<Entry> entries, List<String> jvmFlags)
      throws FleetFault {
    Path dir = settings.dir();
    StringBuilder text = new StringBuilder();
    text.append(
        """
        socket: %s
        slot: host
        die_with_supervisor: true
        services:
        """
            .formatted(socket(dir).getFileName()));
    for (Entry entry : entries) {
      List<String> flags = new ArrayList<>(jvmFlags);
      settings
          .caches()
          .map(caches -> Training.cache(caches, entry.kind()))
          .filter(Files::exists)
          .ifPresent(cache -> flags.add("-XX:AOTCache=" + cache));
      text.append(entry(dir, entry, flags));
    }
    Path file = dir.resolve("supervisor.yaml");
    try {
      Files.createDirectories(dir.resolve("host"));
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new FleetFault(file + " could not be written", e);
    }
  }

  static Path socket(Path dir) {
    return dir.resolve("supervisor.sock");
  }

  static Path log(Path dir, String name) {
    return dir.resolve(name + ".log");
  }

  private static String entry(Path dir, Entry entry, List<String> jvmFlags) {
    List<String> main = List.of(entry.main(), "--config", entry.config().getFileName().toString());
    List<String> command = ChildProcess.javaCommand(jvmFlags, main);
    return """
      - name: %s
        kind: %s
        directory: .
        log: %s
        sockets: [%s]
        watchdog: 4s
        dump: 1s
        start: 120s
        stop: 8s
        restart: { first: 100ms, most: 5s, reset: 1m }
        command: [%s]
    """
        .formatted(
            entry.name(),
            entry.kind(),
            log(dir, entry.name()).getFileName(),
            entry.sockets().stream()
                .map(socket ->
                    "{ name: %s, listen: \"127.0.0.1:%d\" }"
                        .formatted(socket.name(), socket.port()))
                .collect(Collectors.joining(", ")),
            command.stream().map(SupervisorFile::quoted).collect(Collectors.joining(", ")));
  }

  /// For YAML.
  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
