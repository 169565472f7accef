package anycast.routing.admission;

import anycast.routing.time.Ticker;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// What a work under way has cost its thread, as looked at now and then: CPU time, and the time
/// that it was found blocked or waiting. Time in which the collector ran is nobody's: a process
/// that is short of memory would find each entry slow.
///
/// **Threading.** Whoever waits for the work.
final class Charge {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final List<GarbageCollectorMXBean> COLLECTORS =
      ManagementFactory.getGarbageCollectorMXBeans();

  private final Ticker ticker;
  private final Thread thread;
  private final LongSupplier startedCpuNanos;
  private final IntSupplier steps;
  private final CompilerThread.Budget budget;
  private final LongSupplier collectedNanos;
  private long lookedNanos;
  private long collectedSeenNanos;
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
  /// @param collectedNanos for how long the collector has run since the process began
  Charge(
      Ticker ticker,
      Thread thread,
      LongSupplier startedCpuNanos,
      IntSupplier steps,
      CompilerThread.Budget budget,
      LongSupplier collectedNanos) {
    this.ticker = ticker;
    this.thread = thread;
    this.startedCpuNanos = startedCpuNanos;
    this.steps = steps;
    this.budget = budget;
    this.collectedNanos = collectedNanos;
    this.lookedNanos = ticker.nanos();
    this.collectedSeenNanos = collectedNanos.getAsLong();
  }

  /// Of this process; a collector that works beside the application counts as one that stops it.
  static long collected() {
    long millis = 0;
    for (GarbageCollectorMXBean each : COLLECTORS) {
      millis += Math.max(0, each.getCollectionTime());
    }
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /// Whether it rather computes than waits.
  boolean burns() {
    return cpuNanos > blockedNanos;
  }

  long spentNanos() {
    return cpuNanos + blockedNanos;
  }

  boolean isSpent() {
    long now = ticker.nanos();
    long elapsed = now - lookedNanos;
    long collected = collectedOf(elapsed);
    lookedNanos = now;
    long startedCpu = startedCpuNanos.getAsLong();
    if (startedCpu < 0) {
      // It waits for its turn on the machine: nobody is to blame.
      return false;
    }
    begunNanos += collected;
    stepBegunNanos += collected;
    if (!begun) {
      begun = true;
      begunNanos = now;
      stepBegunNanos = now;
    }
    boolean idle = !isRunning(thread.getState());
    if (idle && wasIdle) {
      // This thread may have been away for longer than it meant to.
      blockedNanos += Math.min(elapsed - collected, 2 * CompilerThread.LOOK_NANOS);
    }
    wasIdle = idle;
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

  /// Part of the time since the last look that was the collector's.
  private long collectedOf(long elapsed) {
    long seen = collectedSeenNanos;
    collectedSeenNanos = collectedNanos.getAsLong();
    return Math.clamp(collectedSeenNanos - seen, 0, Math.max(0, elapsed));
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
