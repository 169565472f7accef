package anycast.ctl;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Finds the admin sockets to ask.
final class Sockets {
  /// One or more paths, separated like those of `PATH`.
  static final String VARIABLE = "PROXYCTL_SOCKET";

  private Sockets() {}

  /// Those given; else those of the environment; else all in the run directories.
  static List<Path> find(List<Path> given, Map<String, String> environment) throws CtlFault {
    if (!given.isEmpty()) {
      return given;
    }
    String named = environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty()) {
      return List.of(named.split(File.pathSeparator)).stream().map(Path::of).toList();
    }
    List<Path> directories = runDirectories(environment);
    List<Path> found = new ArrayList<>();
    for (Path directory : directories) {
      if (Files.isDirectory(directory)) {
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, "*.sock")) {
          sockets.forEach(found::add);
        } catch (IOException e) {
          throw new CtlFault(directory + " cannot be read: " + e, e);
        }
      }
    }
    if (found.isEmpty()) {
      throw new CtlFault(
          "no admin socket: give --socket PATH or "
              + VARIABLE
              + "; looked for *.sock in "
              + String.join(", ", directories.stream().map(Path::toString).toList()));
    }
    found.sort(null);
    return found;
  }

  private static List<Path> runDirectories(Map<String, String> environment) {
    String own = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    Path system = Path.of("/run/anycast");
    return own.isEmpty() ? List.of(system) : List.of(Path.of(own, "anycast"), system);
  }
}
