package anycast.ctl.supervise;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A service's output, which the service itself appends to: neither a slow disk of the supervisor
/// nor its end holds up who writes. So it cannot be renamed away; a large one is copied to `.1` and
/// emptied, and what is written in between is lost.
///
/// **Threading.** One thread. **Limits.** [#MAX_BYTES] each for the file and its predecessor, and
/// what is written between two looks.
///
/// @param maxBytes above which it is large
record LogFile(Path path, long maxBytes) {
  /// A week of a quiet proxy, an hour of one in trouble.
  static final long MAX_BYTES = 32 << 20;

  /// Empties it where it is large.
  ///
  /// @return whether it was
  boolean rotate() throws IOException {
    try {
      if (Files.size(path) <= maxBytes) {
        return false;
      }
    } catch (NoSuchFileException e) {
      // Nothing has been written yet.
      return false;
    }
    try (FileChannel log =
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel old =
            FileChannel.open(
                path.resolveSibling(path.getFileName() + ".1"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
      // the end of it, where it grew far beyond
      long from = Math.max(0, log.size() - maxBytes);
      long end = log.size();
      while (from < end) {
        from += log.transferTo(from, end - from, old);
      }
      log.truncate(0);
    }
    return true;
  }
}
