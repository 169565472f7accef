package anycast.routing.admission;

import anycast.routing.time.Ticker;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// What a work under way has cost its thread, as looked at now and then: CPU time, and the time
/// that it was found blocked or waiting.
///
/// **Threading.** Whoever waits for the work.
final class Charge {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Ticker ticker;
  private final Thread thread;
  private final LongSupplier startedCpuNanos;
  private final IntSupplier steps;
  private final CompilerThread.Budget budget;
  private long lookedNanos;
  private boolean wasIdle;
  private boolean begun;

  // Of all of it, and of its step.
  private long blockedNanos;
  private long cpuNanos;
  private long begunNanos;
  private int step;
  private long stepSpentNanos;
  private long stepBegunNanos;

  /// @param startedCpuNanos CPU time of the thread when the work began; negative = it has not
  /// @param steps how many it took so far
  Charge(
      Ticker ticker,
      Thread thread,
      LongSupplier startedCpuNanos,
      IntSupplier steps,
      CompilerThread.Budget budget) {
    this.ticker = ticker;
    this.thread = thread;
    this.startedCpuNanos = startedCpuNanos;
    this.steps = steps;
    this.budget = budget;
    this.lookedNanos = ticker.nanos();
  }

  long spentNanos() {
    return cpuNanos + blockedNanos;
  }

  boolean isSpent() {
    long now = ticker.nanos();
    long startedCpu = startedCpuNanos.getAsLong();
    if (startedCpu < 0) {
      // It waits for its turn on the machine: nobody is to blame.
      lookedNanos = now;
      return false;
    }
    if (!begun) {
      begun = true;
      begunNanos = now;
      stepBegunNanos = now;
    }
    boolean idle = !isRunning(thread.getState());
    if (idle && wasIdle) {
      // This thread may have been away for longer than it meant to.
      blockedNanos += Math.min(now - lookedNanos, 2 * CompilerThread.LOOK_NANOS);
    }
    wasIdle = idle;
    lookedNanos = now;
    cpuNanos = Math.max(0, cpuNanos(thread) - startedCpu);
    int taken = steps.getAsInt();
    if (taken != step) {
      step = taken;
      stepSpentNanos = spentNanos();
      stepBegunNanos = now;
    }
    return isOver(budget.step(), spentNanos() - stepSpentNanos, now - stepBegunNanos)
        || isOver(budget.whole(), spentNanos(), now - begunNanos);
  }

  private static boolean isOver(Duration budget, long spentNanos, long clockNanos) {
    long most = budget.toNanos();
    return spentNanos > most || clockNanos > CompilerThread.CLOCK_FACTOR * most;
  }

  private static boolean isRunning(Thread.State state) {
    return switch (state) {
      case RUNNABLE, NEW -> true;
      case BLOCKED, WAITING, TIMED_WAITING, TERMINATED -> false;
    };
  }

  static long cpuNanos(Thread thread) {
    return Math.max(0, THREADS.getThreadCpuTime(thread.threadId()));
  }
}
