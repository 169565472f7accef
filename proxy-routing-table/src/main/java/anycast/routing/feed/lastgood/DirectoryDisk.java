package anycast.routing.feed.lastgood;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A directory of the file system, held for this process alone as long as it is open.
///
/// A directory that cannot be written is opened all the same, so that a proxy starts from what is
/// there; it is held as soon as it can be.
///
/// **Threading.** One thread at a time. **Limits.** A file system with POSIX permissions: files
/// hold the keys of certificates and are their owner's alone.
public final class DirectoryDisk implements Disk, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryDisk.class);
  private static final String LOCK = "lock";
  private static final Set<PosixFilePermission> OWNERS_FILE =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final Set<PosixFilePermission> OWNERS_DIRECTORY =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final Path directory;

  /// The lock lives as long as its channel; null = not held yet.
  private FileChannel lock;

  private DirectoryDisk(Path directory) {
    this.directory = directory;
  }

  /// Another process has the directory.
  public static final class Taken extends IOException {
    private static final long serialVersionUID = 1L;

    Taken(Path directory) {
      super(
          "directory "
              + directory
              + " belongs to another process that runs: each proxy wants its own");
    }
  }

  /// Takes a directory, which is made where there is none.
  public static DirectoryDisk open(Path directory) throws Taken {
    DirectoryDisk disk = new DirectoryDisk(directory);
    try {
      disk.hold();
    } catch (Taken e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("directory {} cannot be written: {}", directory, reason(e));
    }
    return disk;
  }

  private void hold() throws IOException {
    if (lock != null) {
      return;
    }
    FileChannel channel = null;
    try {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNERS_DIRECTORY));
      channel =
          FileChannel.open(
              directory.resolve(LOCK),
              EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(OWNERS_FILE));
      if (channel.tryLock() == null) {
        throw new Taken(directory);
      }
      lock = channel;
    } catch (OverlappingFileLockException e) {
      throw new Taken(directory);
    } catch (UnsupportedOperationException e) {
      throw new IOException("a file system without POSIX permissions", e);
    } finally {
      if (lock == null && channel != null) {
        channel.close();
      }
    }
  }

  /// A file system's exception without its class says a file's name and nothing else.
  static String reason(Exception e) {
    return e.getClass() == IOException.class && e.getMessage() != null
        ? e.getMessage()
        : e.toString();
  }

  @Override
  public List<String> list() throws IOException {
    if (lock == null && !Files.exists(directory)) {
      hold();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(LOCK))
          .toList();
    }
  }

  @Override
  public Output create(String name) throws IOException {
    hold();
    // Anew, not truncated: an old one could have other permissions.
    delete(name);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(name),
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNERS_FILE));
    return new WritableFile(channel);
  }

  @Override
  public Input open(String name) throws IOException {
    if (!Files.isRegularFile(directory.resolve(name))) {
      throw new NoSuchFileException(name);
    }
    return new ReadableFile(FileChannel.open(directory.resolve(name), StandardOpenOption.READ));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  @Override
  public void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Lets others have the directory.
  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }

  private record WritableFile(FileChannel channel) implements Output {
    @Override
    public void append(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record ReadableFile(FileChannel channel) implements Input {
    @Override
    public long sizeBytes() throws IOException {
      return channel.size();
    }

    @Override
    public void read(ByteBuffer into) throws IOException {
      while (into.hasRemaining() && channel.read(into) >= 0) {
        // until it is full or the file ends
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
