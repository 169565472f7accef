package anycast.backhaul.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Functions of libc as methods: numbers in, numbers out, a [PosixException] where the kernel says
/// no. What has a shape of its own has a class: [ListeningSocket], [NotifySocket], [NotifySender],
/// [Spawn].
///
/// Constants are those of Linux on x86-64 and aarch64, which agree on all that is used here.
///
/// **Threading.** Any thread; none of it on an event loop.
public final class Libc {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_REUSEADDR = 2;
  static final int SO_TYPE = 3;
  static final int SO_PASSCRED = 16;
  static final int SO_ACCEPTCONN = 30;
  static final int IPPROTO_IPV6 = 41;
  static final int IPV6_V6ONLY = 26;
  static final int SHUT_RDWR = 2;
  static final int F_SETFD = 2;
  static final int F_GETFL = 3;
  static final int F_SETFL = 4;
  static final int F_DUPFD_CLOEXEC = 1030;
  static final int FD_CLOEXEC = 1;
  static final int MSG_NOSIGNAL = 0x4000;
  private static final int RLIMIT_NOFILE = 7;

  /// `struct rlimit`: the soft and the hard limit, 64 bits each.
  private static final int LIMITS_BYTES = 16;

  private static final NativeCall SOCKET = NativeCall.ofInt("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final NativeCall BIND = NativeCall.ofInt("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private static final NativeCall LISTEN = NativeCall.ofInt("listen", JAVA_INT, JAVA_INT);
  private static final NativeCall SHUTDOWN = NativeCall.ofInt("shutdown", JAVA_INT, JAVA_INT);
  private static final NativeCall CLOSE = NativeCall.ofInt("close", JAVA_INT);
  private static final NativeCall FCNTL =
      NativeCall.ofInt("fcntl", JAVA_INT, JAVA_INT, JAVA_INT).variadicFrom(2);
  private static final NativeCall SETSOCKOPT =
      NativeCall.ofInt("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final NativeCall GETSOCKOPT =
      NativeCall.ofInt("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final NativeCall GETSOCKNAME =
      NativeCall.ofInt("getsockname", JAVA_INT, ADDRESS, ADDRESS);
  private static final NativeCall SENDTO =
      NativeCall.ofSize("sendto", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final NativeCall RECVMSG =
      NativeCall.ofSize("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final NativeCall KILL = NativeCall.ofInt("kill", JAVA_INT, JAVA_INT);
  private static final NativeCall GETPID = NativeCall.ofInt("getpid");
  private static final NativeCall GETRLIMIT = NativeCall.ofInt("getrlimit", JAVA_INT, ADDRESS);

  private Libc() {}

  /// This process.
  public static int getpid() {
    return (int) GETPID.invoke();
  }

  /// Sends a signal.
  ///
  /// @param pid of a process; negative = that process group
  /// @throws PosixException `ESRCH` where there is none, `EPERM` where it is another user's
  public static void kill(int pid, Signal signal) throws PosixException {
    KILL.call(pid, signal.number());
  }

  /// Ends this process at once, by SIGKILL: no hook runs, no buffer is flushed.
  ///
  /// Allocates nothing, so that it also works where memory is exhausted, if [#prepareToEnd] was
  /// called before.
  public static void end() {
    Own.signal(Own.KILLED);
  }

  /// Loads and links what [#end] needs.
  public static void prepareToEnd() {
    // often enough that the call site is linked and its classes are loaded
    for (int i = 0; i < 3; i++) {
      Own.signal(0);
    }
  }

  /// Loaded when it is first wanted: a way to this process without `errno` and its segment.
  private static final class Own {
    private static final MethodHandle SIGNAL =
        NativeCall.bare("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final int PID = getpid();

    /// Here, so that [Signal] is loaded beforehand too.
    private static final int KILLED = Signal.KILL.number();

    private static void signal(int number) {
      try {
        int _ = (int) SIGNAL.invokeExact(PID, number);
      } catch (Throwable e) {
        throw new IllegalStateException("a downcall throws nothing", e);
      }
    }
  }

  /// A file descriptor that no child inherits.
  ///
  /// @param domain such as [#AF_UNIX]
  /// @param type such as [#SOCK_DGRAM]
  static int socket(int domain, int type) throws PosixException {
    return (int) SOCKET.call(domain, type | SOCK_CLOEXEC, 0);
  }

  static void bind(int fd, MemorySegment address) throws PosixException {
    BIND.call(fd, address, (int) address.byteSize());
  }

  static void listen(int fd, int backlog) throws PosixException {
    LISTEN.call(fd, backlog);
  }

  static void shutdown(int fd) throws PosixException {
    SHUTDOWN.call(fd, SHUT_RDWR);
  }

  /// Closes a descriptor; one that is none is no fault. Not called again after EINTR: on Linux the
  /// descriptor is gone by then, and the number may be another file's (close(2)).
  public static void close(int fd) {
    CLOSE.invoke(fd);
  }

  /// How many descriptors this process may have; all are smaller numbers than this one. It changes
  /// where somebody changes it, by prlimit(1).
  public static int descriptorLimit() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(LIMITS_BYTES, Long.BYTES);
      GETRLIMIT.call(RLIMIT_NOFILE, limits);
      long soft = limits.get(JAVA_LONG, 0);
      return soft < 0 || soft > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) soft;
    } catch (PosixException e) {
      throw new IllegalStateException("getrlimit(2) has nothing to complain of", e);
    }
  }

  /// The number that whoever opens something next will get: the lowest free one (open(2)).
  ///
  /// @return `Integer.MAX_VALUE` where none is left
  public static int nextDescriptor() {
    try {
      int fd = socket(AF_UNIX, SOCK_DGRAM);
      close(fd);
      return fd;
    } catch (PosixException e) {
      return Integer.MAX_VALUE;
    }
  }

  /// Decides whether children inherit this descriptor: fcntl(2), FD_CLOEXEC.
  ///
  /// @throws PosixException `EBADF` where it is none
  public static void inherit(int fd, boolean inherited) throws PosixException {
    FCNTL.call(fd, F_SETFD, inherited ? 0 : FD_CLOEXEC);
  }

  /// A second descriptor of the same file that no child inherits.
  ///
  /// @param least number of the new one
  static int duplicate(int fd, int least) throws PosixException {
    return (int) FCNTL.call(fd, F_DUPFD_CLOEXEC, least);
  }

  /// Calls that would wait answer `EAGAIN`, whoever holds the socket.
  static void neverBlock(int fd) throws PosixException {
    FCNTL.call(fd, F_SETFL, (int) FCNTL.call(fd, F_GETFL, 0) | SOCK_NONBLOCK);
  }

  static void option(int fd, int level, int option, int value) throws PosixException {
    try (Arena arena = Arena.ofConfined()) {
      SETSOCKOPT.call(fd, level, option, arena.allocateFrom(JAVA_INT, value), Integer.BYTES);
    }
  }

  static int option(int fd, int level, int option) throws PosixException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      GETSOCKOPT.call(fd, level, option, value, arena.allocateFrom(JAVA_INT, Integer.BYTES));
      return value.get(JAVA_INT, 0);
    }
  }

  /// Fills `address` with what the socket is bound to.
  static void name(int fd, MemorySegment address) throws PosixException {
    try (Arena arena = Arena.ofConfined()) {
      GETSOCKNAME.call(fd, address, arena.allocateFrom(JAVA_INT, (int) address.byteSize()));
    }
  }

  static long sendTo(int fd, MemorySegment bytes, MemorySegment address) throws PosixException {
    return SENDTO.call(
        fd, bytes, bytes.byteSize(), MSG_NOSIGNAL, address, (int) address.byteSize());
  }

  static long receive(int fd, MemorySegment message) throws PosixException {
    return RECVMSG.call(fd, message, 0);
  }
}
