package anycast.backhaul.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// A TCP socket that listens, as a file descriptor: whoever holds it keeps its queue of
/// connections, and a process that inherits it accepts from that queue.
///
/// It never blocks, which is a property of the socket and not of the descriptor: all who hold it
/// see it so, and an event loop that asks once too often does not hang.
///
/// **Threading.** Immutable; any thread. **Ownership.** The descriptor, until [#close].
public final class ListeningSocket implements AutoCloseable {
  /// The kernel cuts it to `net.core.somaxconn`, 4096 unless it was changed.
  public static final int DEFAULT_BACKLOG = 4096;

  /// `sockaddr_in6`, the larger one of the two.
  private static final int ADDRESS_BYTES = 28;

  private final int fd;
  private final InetSocketAddress address;

  private ListeningSocket(int fd, InetSocketAddress address) {
    this.fd = fd;
    this.address = address;
  }

  /// Listens. `SO_REUSEADDR` is set: connections that linger do not hinder the next start. An IPv6
  /// wildcard takes IPv6 only; who wants both listens twice.
  ///
  /// @param address port 0 = the kernel chooses
  /// @param backlog connections that may wait, at most
  /// @throws PosixException `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`
  public static ListeningSocket open(InetSocketAddress address, int backlog) throws PosixException {
    if (address.getPort() != 0) {
      return listening(bind(address), backlog);
    }
    // A port that the kernel gave it takes back at a shutdown; one that was asked for it does not.
    // Both may be bound to it as long as neither listens.
    int chosen = bind(address);
    try {
      return listening(bind(bound(chosen)), backlog);
    } finally {
      Libc.close(chosen);
    }
  }

  private static ListeningSocket listening(int fd, int backlog) throws PosixException {
    try {
      Libc.listen(fd, backlog);
      return new ListeningSocket(fd, bound(fd));
    } catch (PosixException | RuntimeException e) {
      Libc.close(fd);
      throw e;
    }
  }

  private static int bind(InetSocketAddress address) throws PosixException {
    boolean wide = address.getAddress() instanceof Inet6Address;
    int fd =
        Libc.socket(wide ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK);
    try (Arena arena = Arena.ofConfined()) {
      Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1);
      if (wide) {
        Libc.option(fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, 1);
      }
      Libc.bind(fd, encode(address, arena));
      return fd;
    } catch (PosixException | RuntimeException e) {
      Libc.close(fd);
      throw e;
    }
  }

  /// Takes over a descriptor that this process inherited: checks what it is, makes it non-blocking,
  /// and keeps it from this process's own children.
  ///
  /// @throws PosixException `EBADF` or `ENOTSOCK` where it is no socket
  /// @throws IllegalArgumentException with a sentence, where it does not listen for TCP
  public static ListeningSocket adopt(int fd) throws PosixException {
    if (Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_TYPE) != Libc.SOCK_STREAM
        || Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_ACCEPTCONN) == 0) {
      throw new IllegalArgumentException("descriptor " + fd + " is no socket that listens");
    }
    InetSocketAddress address = bound(fd);
    Libc.inherit(fd, false);
    Libc.neverBlock(fd);
    return new ListeningSocket(fd, address);
  }

  public int fd() {
    return fd;
  }

  /// Where it listens, with the port that the kernel chose.
  public InetSocketAddress address() {
    return address;
  }

  /// Listens no more and keeps the address: who connects is refused, who is in the queue is reset,
  /// whoever else holds the socket.
  public void refuse() throws PosixException {
    if (Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_ACCEPTCONN) != 0) {
      Libc.shutdown(fd);
    }
  }

  /// Listens again after [#refuse]; harmless where it listens.
  ///
  /// @throws PosixException `EADDRINUSE`
  public void listen() throws PosixException {
    Libc.listen(fd, DEFAULT_BACKLOG);
  }

  /// Connections in its queue are reset, unless another process holds the socket too.
  @Override
  public void close() {
    Libc.close(fd);
  }

  private static InetSocketAddress bound(int fd) throws PosixException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
      Libc.name(fd, address);
      return decode(address);
    }
  }

  private static MemorySegment encode(InetSocketAddress address, Arena arena) {
    byte[] host = address.getAddress().getAddress();
    boolean wide = host.length > Integer.BYTES;
    MemorySegment encoded = arena.allocate(wide ? ADDRESS_BYTES : 16, Integer.BYTES);
    encoded.set(JAVA_SHORT, 0, (short) (wide ? Libc.AF_INET6 : Libc.AF_INET));
    encoded.set(JAVA_BYTE, 2, (byte) (address.getPort() >> 8));
    encoded.set(JAVA_BYTE, 3, (byte) address.getPort());
    MemorySegment.copy(host, 0, encoded, JAVA_BYTE, wide ? 8 : 4, host.length);
    if (address.getAddress() instanceof Inet6Address scoped) {
      encoded.set(JAVA_INT, 24, scoped.getScopeId());
    }
    return encoded;
  }

  private static InetSocketAddress decode(MemorySegment address) {
    int family = address.get(JAVA_SHORT, 0);
    if (family != Libc.AF_INET && family != Libc.AF_INET6) {
      throw new IllegalArgumentException("a socket of address family " + family + " is no TCP");
    }
    boolean wide = family == Libc.AF_INET6;
    byte[] host = new byte[wide ? 16 : 4];
    MemorySegment.copy(address, JAVA_BYTE, wide ? 8 : 4, host, 0, host.length);
    int port =
        Byte.toUnsignedInt(address.get(JAVA_BYTE, 2)) << 8
            | Byte.toUnsignedInt(address.get(JAVA_BYTE, 3));
    try {
      int scope = wide ? address.get(JAVA_INT, 24) : 0;
      InetAddress bare =
          scope != 0
              ? Inet6Address.getByAddress(null, host, scope)
              : InetAddress.getByAddress(host);
      return new InetSocketAddress(bare, port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are always an address", e);
    }
  }
}
