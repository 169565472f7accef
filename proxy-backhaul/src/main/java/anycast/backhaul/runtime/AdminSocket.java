package anycast.backhaul.runtime;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadLocalRandom;

/// The file of a Unix domain socket, made so that nobody but its owner can ever connect, whatever
/// the umask: it is bound inside a new directory of mode 0700, gets mode 0600 there, and is then
/// renamed to its place.
///
/// **Threading.** One thread, at start and stop.
final class AdminSocket {
  /// `sun_path` holds 108 bytes with the closing zero (unix(7)).
  private static final int MAX_PATH_BYTES = 107;

  private final Path path;
  private final Path nursery;
  private Object key;

  private AdminSocket(Path path, Path nursery) {
    this.path = path;
    this.nursery = nursery;
  }

  /// Checks that the place is free, or held by a dead socket only.
  static AdminSocket prepare(Path wanted) throws IOException {
    Path path = wanted.toAbsolutePath();
    refuseUnlessFree(path);
    Path nursery = path.resolveSibling(nurseryName());
    try {
      Files.createDirectory(
          nursery,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new IOException("admin socket " + path + " cannot be made: " + e, e);
    }
    AdminSocket socket = new AdminSocket(path, nursery);
    for (Path each : new Path[] {path, socket.bindPath()}) {
      if (each.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
        socket.abandon();
        throw new IOException(
            "admin socket "
                + path
                + " cannot be made: the path is too long for a Unix socket ("
                + MAX_PATH_BYTES
                + " bytes, also for "
                + socket.bindPath()
                + ")");
      }
    }
    return socket;
  }

  /// Where to bind.
  Path bindPath() {
    return nursery.resolve("s");
  }

  /// Makes the bound socket visible at its place.
  void publish() throws IOException {
    Files.setPosixFilePermissions(bindPath(), PosixFilePermissions.fromString("rw-------"));
    Files.move(bindPath(), path, StandardCopyOption.ATOMIC_MOVE);
    key = fileKey(path);
    Files.delete(nursery);
  }

  /// Removes what [#prepare] made.
  void abandon() {
    try {
      Files.deleteIfExists(bindPath());
      Files.deleteIfExists(nursery);
    } catch (IOException e) {
      // An empty directory stays behind; the fault that led here is the one to tell.
    }
  }

  /// Removes the socket, unless another process has put its own there.
  void remove() {
    try {
      if (key != null && key.equals(fileKey(path))) {
        Files.delete(path);
      }
    } catch (IOException e) {
      // A stale socket stays behind, which the next start replaces.
    }
  }

  private static void refuseUnlessFree(Path path) throws IOException {
    BasicFileAttributes there;
    try {
      there = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (!there.isOther()) {
      throw new IOException("admin socket " + path + " cannot be made: a file is there");
    }
    boolean alive = true;
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      // Non-blocking: a live process with a full backlog must not hold up the start. It counts as
      // alive, as does one that we may not connect to.
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException e) {
      alive = false;
    } catch (IOException e) {
      alive = true;
    }
    if (alive) {
      throw new IOException("admin socket " + path + " belongs to a process that is running");
    }
  }

  /// Short, because the path of a Unix socket is; made anew by each start of each process.
  private static String nurseryName() {
    return ".a" + Integer.toUnsignedString(ThreadLocalRandom.current().nextInt(), 36);
  }

  private static Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }
}
