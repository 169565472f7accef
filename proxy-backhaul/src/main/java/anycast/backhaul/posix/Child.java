package anycast.backhaul.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A process that [Spawn] started, until it is reaped: as long as that is not done, its number and
/// that of its group belong to no other process, so signals cannot go astray.
///
/// **Threading.** [#awaitEnd] blocks a thread of its own; [#signal], [#signalGroup] and [#reap] are
/// of one thread.
public final class Child {
  private static final int P_PID = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x1000000;
  private static final int SIGINFO_BYTES = 128;
  private static final int CLD_EXITED = 1;

  private static final NativeCall WAITID =
      NativeCall.ofInt("waitid", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

  private final int pid;
  private boolean reaped;

  Child(int pid) {
    this.pid = pid;
  }

  /// How a process ended.
  public sealed interface End {
    /// By itself.
    record Exited(int code) implements End {
      @Override
      public String toString() {
        return "exit code " + code;
      }
    }

    /// By a signal that it did not handle.
    record Killed(int signal) implements End {
      @Override
      public String toString() {
        return Signal.name(signal);
      }
    }
  }

  public int pid() {
    return pid;
  }

  /// Waits until it has ended; it is a zombie then, until [#reap].
  public End awaitEnd() throws PosixException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ended = arena.allocate(SIGINFO_BYTES, Long.BYTES);
      WAITID.call(P_PID, pid, ended, WEXITED | WNOWAIT);
      int status = ended.get(JAVA_INT, 24);
      return ended.get(JAVA_INT, 8) == CLD_EXITED ? new End.Exited(status) : new End.Killed(status);
    }
  }

  /// Sends a signal to it; one that has ended, reaped or not, does not mind.
  public void signal(Signal signal) throws PosixException {
    if (!reaped) {
      Libc.kill(pid, signal);
    }
  }

  /// Sends a signal to all of its process group: to it and to what it started.
  public void signalGroup(Signal signal) throws PosixException {
    if (!reaped) {
      Libc.kill(-pid, signal);
    }
  }

  /// Gives its number back to the kernel, waiting for its end if need be.
  public void reap() throws PosixException {
    if (!reaped) {
      WAITID.call(P_PID, pid, MemorySegment.NULL, WEXITED);
      reaped = true;
    }
  }
}
