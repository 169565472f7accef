package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Task;

/// Reckons what is held against a thread that does not beat: only time that it has itself spent,
/// running or blocked. Not time in which it wanted to run and got no CPU, was stopped by a signal
/// or a debugger, or in which the judge itself was held up: what holds up one thread that only
/// sleeps and looks is a pause, and holds up all.
///
/// ```
///   a tick, 100 ms after the last one
///     beat seen                          blame = 0
///     runnable, now                      + CPU time since the last tick, at most 100 ms
///     blocked, now and at the last tick  + 100 ms
///     blocked, now only                  + CPU time since the last tick, at most 100 ms
///     stopped                            + 0
///   late by more than 200 ms             + 0 for all
///   the machine was suspended            blame = 0 for all
/// ```
///
/// So a loop that is well never has more than the 250 ms between two beats plus what its longest
/// task takes, whatever else the machine does. The price: on a machine that is short of CPU a stall
/// takes longer to be found.
///
/// **Threading.** Confined to the watchdog; allocates nothing.
final class Judge {
  /// Two in the time between two beats, five before a stall is one. Ten wake-ups a second, with
  /// what is asked of the kernel, are 0.09 % of a core.
  static final long TICK_NANOS = 100_000_000L;

  /// How late a tick may be and still tell something. Above are pauses; below is the busy machine.
  static final long LATE_NANOS = 2 * TICK_NANOS;

  /// Two readings of two clocks are apart by a preemption at worst; a suspension takes seconds.
  private static final long SUSPENDED_NANOS = 500_000_000L;

  private long lastNanos;
  private long suspendedNanos;
  private volatile long ticks;
  private volatile long lateTicks;
  private volatile long lostNanos;

  /// @param nowNanos of the monotonic clock
  /// @param suspendedNanos how long the machine has been suspended since it began
  Judge(long nowNanos, long suspendedNanos) {
    this.lastNanos = nowNanos;
    this.suspendedNanos = suspendedNanos;
  }

  /// Looks at all threads; called every [#TICK_NANOS], as far as the machine lets us.
  void tick(long nowNanos, long suspended, Watched[] threads) {
    long elapsed = nowNanos - lastNanos;
    boolean late = elapsed - TICK_NANOS > LATE_NANOS;
    boolean resumed = suspended - suspendedNanos > SUSPENDED_NANOS;
    lastNanos = nowNanos;
    suspendedNanos = suspended;
    ticks = ticks + 1;
    if (late) {
      lateTicks = lateTicks + 1;
    }
    if (elapsed > TICK_NANOS) {
      lostNanos = lostNanos + elapsed - TICK_NANOS;
    }
    long counted = late ? 0 : Math.min(elapsed, TICK_NANOS);
    for (Watched thread : threads) {
      look(thread, elapsed, counted);
      if (resumed) {
        thread.forgive();
      }
    }
  }

  private static void look(Watched thread, long elapsed, long counted) {
    long count = thread.progress.count();
    long cpu = thread.sense.cpuNanos();
    long ran = Math.min(cpu - thread.cpuSeenNanos, counted);
    thread.cpuSeenNanos = cpu;
    if (count != thread.countSeen) {
      thread.countSeen = count;
      thread.forgive();
      return;
    }
    Task.State state = thread.sense.state();
    switch (state) {
      case RUNNABLE -> thread.charge(state, elapsed, ran, elapsed - ran);
      case BLOCKED -> thread.charge(state, elapsed, thread.wasBlocked ? counted : ran, 0);
      case STOPPED -> thread.charge(state, elapsed, 0, elapsed);
      case GONE -> thread.forgive();
    }
    // After a pause nothing is known of the time in between.
    thread.wasBlocked = state == Task.State.BLOCKED && counted > 0;
  }

  /// Looks taken since the start.
  long ticks() {
    return ticks;
  }

  /// Looks that came so late that they were not counted.
  long lateTicks() {
    return lateTicks;
  }

  /// Time that the watchdog itself has lost since the start.
  long lostNanos() {
    return lostNanos;
  }
}
