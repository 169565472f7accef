package anycast.routing.feed.sqlite;

import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Says that a store serves, or a restore replaces, a database: `FILE.lock`, locked.
///
/// A file of its own and not SQLite's lock, since a store at rest holds none of those. The kernel
/// gives it up however its process ends. The file stays behind, unlocked: who would remove it could
/// remove one that another process has just locked.
///
/// **Ownership.** Whoever took it closes it.
final class StoreLock implements AutoCloseable {
  private static final long PAUSE_NANOS = 20_000_000;

  private final FileChannel file;

  private StoreLock(FileChannel file) {
    this.file = file;
  }

  static Path file(Path database) {
    return database.resolveSibling(database.getFileName() + ".lock");
  }

  /// @return empty = another holds it
  static Optional<StoreLock> take(Path database) throws IOException {
    FileChannel file =
        FileChannel.open(file(database), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      // this very process holds it
    } finally {
      if (lock == null) {
        file.close();
      }
    }
    return lock == null ? Optional.empty() : Optional.of(new StoreLock(file));
  }

  /// Waits while another holds it.
  static Optional<StoreLock> take(Path database, Duration patience, Ticker ticker)
      throws IOException {
    long startedNanos = ticker.nanos();
    Optional<StoreLock> lock = take(database);
    while (lock.isEmpty() && ticker.nanos() - startedNanos < patience.toNanos()) {
      LockSupport.parkNanos(PAUSE_NANOS);
      lock = take(database);
    }
    return lock;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      // the kernel frees it with the process
    }
  }
}
