package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Libc;
import anycast.routing.time.Ticker;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// The thread that looks after all others.
///
/// ```
///   blame   500 ms   a sample of the stack is asked for
///           2 s      not ready; the flight file says that this slot is stuck
///           3 s      a dump is asked for
///           3 s      of half of the loops, or
///           5 s      of one: the end is asked for, and comes when [Errands] has told it
/// ```
///
/// It must run when nothing else does: it takes no lock, wakes nobody, writes no log, opens no
/// file, and allocates nothing unless a thread to watch is new. What takes longer is an errand, and
/// where its errands hang the end comes all the same. Where a thread that reaches no safepoint
/// stops the whole JVM, and with it this thread, the kernel's timer on that thread's CPU clock ends
/// the process.
///
/// **Threading.** One platform thread of its own; [#watch] and what reads are for any.
final class Watchdog implements AutoCloseable {
  /// Errands are given that long to write a dump, tell the log and answer.
  private static final long ERRANDS_NANOS = 3_000_000_000L;

  /// With a slot of the host to wait for. Long enough for six others; a disk that hangs for a
  /// minute must not keep a stuck process.
  private static final long SLOT_NANOS = 60_000_000_000L;

  /// How long the timers of the kernel are left alone: as long as a loop between two beats.
  private static final long ARM_NANOS = 250_000_000L;

  /// What the kernel's timer leaves to the watchdog before it goes off.
  private static final long SPARE_NANOS = 500_000_000L;

  /// A watchdog that has not looked for that long says nothing about anybody: twenty ticks.
  private static final long FRESH_NANOS = 1_000_000_000L;

  private final Ages ages;
  private final Ticker ticker;
  private final Flight flight;
  private final LongSupplier suspendedNanos;
  private final Judge judge;
  private final Collector collector;
  private final Errands errands;
  private final Queue<Watched> newcomers = new ConcurrentLinkedQueue<>();
  private final Thread thread =
      Thread.ofPlatform().name("watchdog").daemon(true).unstarted(this::run);
  private volatile Watched[] threads;
  private volatile long tickNanos;
  private volatile boolean closing;

  // The watchdog's own.
  private long armedNanos;
  private boolean ending;
  private long endingNanos;

  /// When the slot of the host was ours, or last was not.
  private long slotNanos;

  /// The configuration in nanoseconds, with this process's share of the jitter.
  ///
  /// @param kills whether a stall ends the process
  record Ages(boolean kills, long sample, long notReady, long dump, long endHalf, long endOne) {
    static Ages of(VitalsConfig config, boolean kills, long jitterNanos) {
      return new Ages(
          kills,
          config.sample().toNanos(),
          config.notReady().toNanos(),
          config.dump().toNanos(),
          config.endHalf().toNanos() + jitterNanos,
          config.endOne().toNanos() + jitterNanos);
    }
  }

  /// @param suspendedNanos how long the machine has been suspended since it began
  Watchdog(
      Ages ages,
      Watched[] loops,
      Flight flight,
      Errands errands,
      LongSupplier suspendedNanos,
      Ticker ticker) {
    this.ages = ages;
    this.ticker = ticker;
    this.flight = flight;
    this.suspendedNanos = suspendedNanos;
    this.threads = loops.clone();
    this.errands = errands;
    this.tickNanos = ticker.nanos();
    this.judge = new Judge(tickNanos, suspendedNanos.getAsLong());
    this.collector = Collector.own(tickNanos);
    this.armedNanos = tickNanos - ARM_NANOS;
  }

  void start() {
    // Here, so that the kernel's timers are set, and all is loaded and linked, before anything can
    // stop the thread.
    tick();
    thread.start();
  }

  private void run() {
    while (!closing) {
      LockSupport.parkNanos(this, Judge.TICK_NANOS);
      tick();
    }
    for (Watched each : threads) {
      each.sense.close();
    }
  }

  /// One look at everything.
  void tick() {
    Watched newcomer = newcomers.poll();
    if (newcomer != null) {
      take(newcomer);
    }
    long now = ticker.nanos();
    Watched[] all = threads;
    judge.tick(now, suspendedNanos.getAsLong(), all);
    flight.tick(now, collector.runsMostly(now));
    tickNanos = now;
    for (Watched each : all) {
      escalate(each);
    }
    if (ages.kills() && now - armedNanos >= ARM_NANOS) {
      armedNanos = now;
      arm(all);
    }
    end(now, isDue(all));
  }

  private void take(Watched newcomer) {
    Watched[] all = threads;
    for (int i = 0; i < all.length; i++) {
      if (all[i].name.equals(newcomer.name)) {
        all[i].sense.close();
        all = all.clone();
        all[i] = newcomer;
        threads = all;
        return;
      }
    }
    all = Arrays.copyOf(all, all.length + 1);
    all[all.length - 1] = newcomer;
    threads = all;
  }

  private void escalate(Watched each) {
    if (!each.sampled && each.hasReached(ages.sample())) {
      each.stalled();
    }
    boolean stuck = each.hasReached(ages.notReady());
    if (each.loop >= 0 && stuck != each.marked) {
      each.marked = stuck;
      flight.loop(each.loop).markStuck(stuck);
    }
    if (!each.dumped && each.hasReached(ages.dump())) {
      each.dumped = true;
      errands.askDump();
    }
  }

  /// From now on each loop may use the CPU time that is left to it, should this thread never run
  /// again; a loop that comes round gets all of it anew.
  private void arm(Watched[] all) {
    int loops = 0;
    for (Watched each : all) {
      loops += each.loop >= 0 ? 1 : 0;
    }
    long limit = loops <= 2 ? ages.endHalf() : ages.endOne();
    for (Watched each : all) {
      if (each.loop >= 0) {
        long left = Math.max(0, limit - each.blameNanos());
        each.sense.endAfterCpu(left + SPARE_NANOS + ARM_NANOS);
      }
    }
  }

  private boolean isDue(Watched[] all) {
    int loops = 0;
    int stuck = 0;
    boolean one = false;
    for (Watched each : all) {
      if (each.loop >= 0) {
        loops++;
        one |= each.hasReached(ages.endOne());
        stuck += each.hasReached(ages.endHalf()) ? 1 : 0;
      }
    }
    return one || stuck > 0 && 2 * stuck >= loops;
  }

  private void end(long now, boolean due) {
    if (due != ending) {
      ending = due;
      endingNanos = now;
      errands.askEnd(due);
    }
    if (!due || errands.waitsForSlot()) {
      slotNanos = now;
    }
    boolean late = now - slotNanos >= ERRANDS_NANOS || now - endingNanos >= SLOT_NANOS;
    // Once the log is closed and the host's slot is stamped there is no way back, though a loop may
    // have come round meanwhile: the process would live on dumb and in the way of the others.
    if (ages.kills() && (errands.mayEnd() || due && late)) {
      Libc.end();
    }
  }

  /// Watches one more thread; one of the same name is watched no more.
  void watch(Watched newcomer) {
    newcomers.add(newcomer);
  }

  Watched[] threads() {
    return threads.clone();
  }

  Judge judge() {
    return judge;
  }

  Ages ages() {
    return ages;
  }

  /// Whether it looks at all, and no loop stands still.
  boolean well() {
    boolean well = ticker.nanos() - tickNanos < FRESH_NANOS;
    for (Watched each : threads) {
      well &= each.loop < 0 || !each.hasReached(ages.sample());
    }
    return well;
  }

  @Override
  public void close() {
    closing = true;
    ThreadEnd.await(List.of(thread));
  }
}
