package anycast.ctl.supervise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Where the sockets are on which services tell: a directory that only this user enters, beside the
/// admin socket, `.NAME.notify-PID`. What a supervisor that was killed left of it goes with the
/// next one's start.
///
/// **Threading.** One thread. **Ownership.** The directory, until [#close].
record NotifyDirectory(Path path) implements AutoCloseable {
  private static final String MARK = ".notify-";

  /// @param admin the admin socket
  static NotifyDirectory make(Path admin) throws IOException {
    String prefix = "." + admin.getFileName() + MARK;
    try (DirectoryStream<Path> old = Files.newDirectoryStream(admin.getParent(), prefix + "*")) {
      for (Path each : old) {
        if (!isAlive(each.getFileName().toString().substring(prefix.length()))) {
          delete(each);
        }
      }
    }
    Path path = admin.resolveSibling(prefix + ProcessHandle.current().pid());
    delete(path);
    Files.createDirectory(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    return new NotifyDirectory(path);
  }

  /// Whether a service's socket is of a supervisor at this place that is no more.
  ///
  /// @param socket absolute
  static boolean isLeft(Path admin, Path socket) {
    String prefix = "." + admin.getFileName() + MARK;
    Path directory = socket.getParent();
    return directory != null
        && admin.toAbsolutePath().getParent().equals(directory.getParent())
        && directory.getFileName().toString().startsWith(prefix)
        && !isAlive(directory.getFileName().toString().substring(prefix.length()));
  }

  /// One that was killed and is not reaped, as in a container without an init, is dead.
  private static boolean isAlive(String pid) {
    if (!pid.matches("[0-9]+")) {
      // Not of ours.
      return true;
    }
    try {
      String stat = Files.readString(Path.of("/proc", pid, "stat"), StandardCharsets.ISO_8859_1);
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory)) {
        for (Path socket : sockets) {
          Files.delete(socket);
        }
      }
      Files.delete(directory);
    }
  }

  /// Of the service with this place in the file.
  Path socket(int index) {
    return path.resolve(Integer.toString(index));
  }

  @Override
  public void close() {
    try {
      delete(path);
    } catch (IOException e) {
      // The next supervisor at this place does it.
    }
  }
}
