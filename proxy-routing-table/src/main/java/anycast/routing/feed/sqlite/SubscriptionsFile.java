package anycast.routing.feed.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where followed queries outlive an orderly stop.
///
/// The file is there only between such a stop and the next start: it appears whole, by rename, as
/// the last thing before the store closes, and it is unlinked, and the unlinking on disk, before
/// what it says is used. So after a crash there is none.
///
/// **Threading.** One thread at a time. **Limits.** A file larger than a gigabyte is not read.
final class SubscriptionsFile {
  private static final Logger LOG = LoggerFactory.getLogger(SubscriptionsFile.class);
  private static final long MAX_BYTES = 1L << 30;

  private final Path path;

  SubscriptionsFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  private Path temporary() {
    return path.resolveSibling(path.getFileName() + ".tmp");
  }

  /// Writes the file, on disk when it returns.
  void write(SavedQueries saved) throws IOException {
    try {
      writeWhole(saved);
    } catch (IOException e) {
      Files.deleteIfExists(temporary());
      throw e;
    }
  }

  private void writeWhole(SavedQueries saved) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(saved.encode());
    Files.deleteIfExists(temporary());
    OwnersFile.make(temporary());
    try (FileChannel out = FileChannel.open(temporary(), StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(
        temporary(), path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory();
  }

  /// Reads the file and removes it.
  ///
  /// @return empty where there is none, it is damaged, or it cannot be removed: what stays could be
  ///   taken for the truth again after a crash
  Optional<SavedQueries> take() {
    try {
      Files.deleteIfExists(temporary());
      if (!Files.exists(path)) {
        return Optional.empty();
      }
      byte[] bytes = Files.size(path) > MAX_BYTES ? new byte[0] : Files.readAllBytes(path);
      Files.delete(path);
      syncDirectory();
      Optional<SavedQueries> saved = SavedQueries.decode(bytes);
      if (saved.isEmpty()) {
        LOG.warn("{} is damaged: subscriptions begin anew", path);
      }
      return saved;
    } catch (IOException e) {
      LOG.warn("{} cannot be used, subscriptions begin anew: {}", path, e.toString());
      return Optional.empty();
    }
  }

  private void syncDirectory() throws IOException {
    try (FileChannel directory = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
