package anycast.backhaul.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The receiving end of a `NOTIFY_SOCKET`: datagrams, each with the process that sent it, which the
/// kernel vouches for (unix(7), SCM_CREDENTIALS).
///
/// **Threading.** One thread receives; any thread may [#stop] it. **Ownership.** The descriptor and
/// the socket's file; [#close], after [#receive] said that it stopped, gives both back.
///
/// **Limits.** Datagrams above [NotifySender#MAX_BYTES] are passed over. File descriptors that come
/// along are closed by the kernel: there is no room for them.
public final class NotifySocket implements AutoCloseable {
  private static final int MESSAGE_BYTES = 56; // msghdr
  private static final int CONTROL_BYTES = 32; // cmsghdr and ucred, to the byte
  private static final int MSG_TRUNC = 0x20;
  private static final int SCM_CREDENTIALS = 2;

  private final Path path;
  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment text = arena.allocate(NotifySender.MAX_BYTES);
  private final MemorySegment control = arena.allocate(CONTROL_BYTES, Long.BYTES);
  private final MemorySegment message = arena.allocate(MESSAGE_BYTES, Long.BYTES);

  /// Set before the descriptor is shut down; the last datagrams before it count for nothing.
  private volatile boolean stopped;

  private NotifySocket(Path path, int fd) {
    this.path = path;
    this.fd = fd;
    MemorySegment parts = arena.allocate(2 * Long.BYTES, Long.BYTES);
    parts.set(ADDRESS, 0, text);
    parts.set(JAVA_LONG, 8, text.byteSize());
    message.set(ADDRESS, 16, parts);
    message.set(JAVA_LONG, 24, 1);
    message.set(ADDRESS, 32, control);
  }

  /// One datagram.
  ///
  /// @param pid that sent it; 0 = the kernel does not know it, as it is outside of our namespace
  /// @param lines `KEY=VALUE`, separated by `\n`
  public record Notice(int pid, String lines) {}

  /// Makes the socket. Whoever can reach its file may send: put it into a directory of one's own.
  public static NotifySocket bind(Path path) throws PosixException {
    int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM);
    try (Arena arena = Arena.ofConfined()) {
      Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_PASSCRED, 1);
      Libc.bind(fd, UnixAddress.of(path.toAbsolutePath().toString(), arena));
      return new NotifySocket(path, fd);
    } catch (PosixException | RuntimeException e) {
      Libc.close(fd);
      throw e;
    }
  }

  public Path path() {
    return path;
  }

  /// Waits for the next datagram.
  ///
  /// @return empty after [#stop]
  public Optional<Notice> receive() throws PosixException {
    while (true) {
      message.set(JAVA_LONG, 40, CONTROL_BYTES);
      int length = (int) Libc.receive(fd, message);
      if (stopped) {
        return Optional.empty();
      }
      boolean whole = (message.get(JAVA_INT, 48) & MSG_TRUNC) == 0;
      boolean known =
          message.get(JAVA_LONG, 40) == CONTROL_BYTES
              && control.get(JAVA_INT, 8) == Libc.SOL_SOCKET
              && control.get(JAVA_INT, 12) == SCM_CREDENTIALS;
      if (whole && known && length > 0) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(text, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
        return Optional.of(
            new Notice(control.get(JAVA_INT, 16), new String(bytes, StandardCharsets.UTF_8)));
      }
    }
  }

  /// Wakes who receives: nothing more will come.
  public void stop() {
    stopped = true;
    try {
      Libc.shutdown(fd);
    } catch (PosixException e) {
      throw new IllegalStateException("a socket of ours can be shut down", e);
    }
  }

  @Override
  public void close() {
    Libc.close(fd);
    arena.close();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // A file that nobody answers on is left over: the next bind is at another place.
    }
  }
}
