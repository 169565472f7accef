package anycast.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A directory that is one fleet's while its process lives: `demo.pid` in it is locked, and the
/// kernel takes the lock away however the process ends.
///
/// @param lock held, never closed
record Claim(Path dir, FileLock lock) {
  /// `sun_path` of a Unix socket holds 107 bytes (unix(7)), and the proxies' sockets need 20 of
  /// them below the directory.
  private static final int MAX_PATH_BYTES = 87;

  /// Makes the directory where there is none.
  static Claim of(Path dir) throws FleetFault {
    if (dir.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw new FleetFault(
          "%s is too long for the Unix sockets in it: choose a directory of at most %d bytes"
              .formatted(dir, MAX_PATH_BYTES));
    }
    try {
      Files.createDirectories(dir);
      FileChannel file =
          FileChannel.open(
              dir.resolve("demo.pid"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = file.tryLock();
      if (lock == null) {
        file.close();
        throw new FleetFault("a fleet runs in " + dir + " already");
      }
      file.truncate(0);
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
      file.write(ByteBuffer.wrap(pid));
      return new Claim(dir, lock);
    } catch (IOException e) {
      throw new FleetFault(dir + " cannot be used", e);
    }
  }
}
