package anycast.backhaul.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the kernel says of this process' file descriptors: proc(5), `/proc/self/fdinfo`.
final class Descriptors {
  private static final int OCTAL = 8;
  private static final int O_CLOEXEC = 02000000;

  private Descriptors() {}

  static boolean isInherited(int fd) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo", Integer.toString(fd)))) {
      if (line.startsWith("flags:")) {
        return (Integer.parseInt(line.substring("flags:".length()).strip(), OCTAL) & O_CLOEXEC)
            == 0;
      }
    }
    throw new IOException("descriptor " + fd + " has no flags");
  }
}
