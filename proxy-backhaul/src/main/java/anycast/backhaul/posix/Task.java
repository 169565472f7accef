package anycast.backhaul.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One thread of this process as the kernel sees it, asked without allocating and without stopping
/// it: how much CPU time it has used, and whether it runs, waits or is stopped.
///
/// **Threading.** One thread asks. **Ownership.** A descriptor and perhaps a timer, given back by
/// [#close]. **Limits.** A question costs one system call: 1 µs for time, 8 µs for the state, on a
/// busy machine. **Faults.** A task that has ended answers [State#GONE] and the time that was read
/// last.
public final class Task implements AutoCloseable {
  /// What a task does: proc_pid_stat(5).
  public enum State {
    /// On a CPU, or waiting for one.
    RUNNABLE,
    /// It sleeps until something happens: a lock, a socket, a time, a disk.
    BLOCKED,
    /// A signal or a debugger has stopped it.
    STOPPED,
    GONE
  }

  private static final MethodHandle GETTID =
      NativeCall.bare("gettid", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle CLOCK_GETTIME =
      NativeCall.bare("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle PREAD =
      NativeCall.bare(
          "pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle TIMER_SETTIME =
      NativeCall.bare(
          "timer_settime",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final NativeCall TIMER_CREATE =
      NativeCall.ofInt("timer_create", JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
  private static final NativeCall TIMER_DELETE = NativeCall.ofInt("timer_delete", JAVA_LONG);
  private static final NativeCall OPEN = NativeCall.ofInt("open", ValueLayout.ADDRESS, JAVA_INT);

  private static final int O_CLOEXEC = 0x80000;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_BOOTTIME = 7;

  /// The kernel names a task's CPU clock by its number, inverted: CPUCLOCK_PERTHREAD_MASK and
  /// CPUCLOCK_SCHED in its posix-timers.h; what pthread_getcpuclockid(3) computes.
  private static final int PER_THREAD_SCHED = 6;

  /// `pid (comm) S ppid …`: the state stands behind a name of at most 15 bytes, or 63 for those of
  /// the kernel.
  private static final int STAT_BYTES = 128;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final int tid;
  private final int clock;
  private final int stat;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment time = arena.allocate(16, 8);
  private final long timeAddress = time.address();

  /// `struct itimerspec`: interval, which stays 0, and value.
  private final MemorySegment alarm = arena.allocate(32, 8);

  private final MemorySegment line = arena.allocate(STAT_BYTES);
  private final long lineAddress = line.address();
  private final ByteBuffer lineBytes = line.asByteBuffer();
  private final ByteBuffer timeBytes = time.asByteBuffer().order(ByteOrder.nativeOrder());
  private long cpuNanos;
  private boolean armed;
  private long timer;

  private Task(int tid, int stat) {
    this.tid = tid;
    this.clock = ~tid << 3 | PER_THREAD_SCHED;
    this.stat = stat;
  }

  /// The number of the thread that calls.
  public static int current() {
    try {
      return (int) GETTID.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall throws nothing", e);
    }
  }

  /// @throws PosixException `ENOENT` where this process has no such task
  public static Task of(int tid) throws PosixException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom("/proc/self/task/" + tid + "/stat");
      return new Task(tid, (int) OPEN.call(path, O_CLOEXEC));
    }
  }

  public int tid() {
    return tid;
  }

  /// CPU time that it has used since it began.
  public long cpuNanos() {
    long now = nanos(clock);
    if (now >= 0) {
      cpuNanos = now;
    }
    return cpuNanos;
  }

  /// How long the machine has been suspended since it began: CLOCK_BOOTTIME counts that and
  /// CLOCK_MONOTONIC does not. Two readings, some microseconds apart.
  public long suspendedNanos() {
    return nanos(CLOCK_BOOTTIME) - nanos(CLOCK_MONOTONIC);
  }

  private long nanos(int id) {
    try {
      int answer = (int) CLOCK_GETTIME.invokeExact(id, timeAddress);
      return answer != 0 ? -1 : timeBytes.getLong(0) * SECOND_NANOS + timeBytes.getLong(8);
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall throws nothing", e);
    }
  }

  public State state() {
    long length;
    try {
      length = (long) PREAD.invokeExact(stat, lineAddress, (long) STAT_BYTES, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall throws nothing", e);
    }
    for (int i = (int) length - 3; i > 0; i--) {
      // The name may hold parentheses; nothing behind it does.
      if (lineBytes.get(i) == ')') {
        return state(lineBytes.get(i + 2));
      }
    }
    return State.GONE;
  }

  private static State state(byte letter) {
    return switch (letter) {
      case 'R' -> State.RUNNABLE;
      case 'T', 't' -> State.STOPPED;
      case 'Z', 'X' -> State.GONE;
      default -> State.BLOCKED;
    };
  }

  /// Has the kernel end this process by SIGKILL as soon as the task has used that much more CPU
  /// time, unless it is told another number before: timer_create(2) on the task's CPU clock. It
  /// works where no thread of the JVM can run, and no pause, however long, makes it go off.
  ///
  /// @param nanos 0 = not at all
  /// @throws PosixException where the kernel has no timer left
  public void endAfterCpu(long nanos) throws PosixException {
    if (timer == 0 && !armed) {
      if (nanos == 0) {
        return;
      }
      makeTimer();
    }
    alarm.set(JAVA_LONG, 16, nanos / SECOND_NANOS);
    alarm.set(JAVA_LONG, 24, nanos % SECOND_NANOS);
    try {
      int _ = (int) TIMER_SETTIME.invokeExact(timer, 0, alarm.address(), 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall throws nothing", e);
    }
  }

  private void makeTimer() throws PosixException {
    try (Arena made = Arena.ofConfined()) {
      // struct sigevent: a value of 8 bytes, the signal, and how: 0 is SIGEV_SIGNAL.
      MemorySegment event = made.allocate(64, 8);
      event.set(JAVA_INT, 8, Signal.KILL.number());
      MemorySegment id = made.allocate(8, 8);
      TIMER_CREATE.call(clock, event, id);
      timer = id.get(JAVA_LONG, 0);
      armed = true;
    }
  }

  @Override
  public void close() {
    if (armed) {
      TIMER_DELETE.invoke(timer);
    }
    Libc.close(stat);
    arena.close();
  }
}
