package anycast.backhaul.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Sends datagrams to a supervisor's `NOTIFY_SOCKET`: sd_notify(3) without libsystemd.
///
/// **Threading.** One thread. **Ownership.** The descriptor; closed by [#close].
///
/// **Faults.** The socket does not block: a supervisor that does not read costs a message
/// (`EAGAIN`), never the thread that tells it.
public final class NotifySender implements AutoCloseable {
  /// Messages of ours have 4 short lines and a status of at most 200 characters.
  public static final int MAX_BYTES = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment address;
  private final MemorySegment message;
  private final int fd;

  private NotifySender(String target) throws PosixException {
    this.address = UnixAddress.of(target, arena);
    this.message = arena.allocate(MAX_BYTES);
    this.fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK);
  }

  /// Opens a socket; nothing is sent yet.
  ///
  /// @param target value of `NOTIFY_SOCKET`: `/a/path` or `@a-name`
  /// @throws IllegalArgumentException with a sentence, where it names no Unix socket
  public static NotifySender open(String target) throws PosixException {
    return new NotifySender(target);
  }

  /// Sends one datagram.
  ///
  /// @param lines `KEY=VALUE`, separated by `\n`; at most [#MAX_BYTES] of UTF-8
  /// @throws PosixException `EAGAIN` where the receiver's queue is full, `ENOENT` or `ECONNREFUSED`
  ///   where it is gone
  public void send(String lines) throws PosixException {
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(bytes.length + " bytes are more than " + MAX_BYTES);
    }
    MemorySegment.copy(bytes, 0, message, ValueLayout.JAVA_BYTE, 0, bytes.length);
    Libc.sendTo(fd, message.asSlice(0, bytes.length), address);
  }

  @Override
  public void close() {
    Libc.close(fd);
    arena.close();
  }
}
