package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.LogEnd;
import anycast.routing.time.Ticker;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the watchdog has done by others, because it may take long or never end: samples of stacks,
/// dumps, log lines, and waiting for the host's slot.
///
/// A stack is asked for by a thread of its own: the one that is asked answers at its next
/// safepoint, and may never reach one. All threads' stacks are only asked for where the stuck ones
/// answered: else the whole JVM would stop for the one that does not.
///
/// **Threading.** One thread looks every 50 ms whether there is something to do, so that the
/// watchdog wakes nobody; the methods are the watchdog's. **Limits.** One sample for each stall,
/// one dump at a time and one in [#DUMP_EVERY_NANOS].
final class Errands implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Errands.class);

  private static final long LOOK_NANOS = 100_000_000L;

  /// A loop that stalls again and again fills no disk; the first stacks tell most.
  private static final long DUMP_EVERY_NANOS = 10_000_000_000L;

  /// A dump takes a tenth of a second; with a slow disk the stacks are written first.
  private static final long DUMP_WAIT_NANOS = 1_500_000_000L;

  private final Supplier<Watched[]> threads;
  private final Optional<Dumps> dumps;
  private final Optional<HostSlot> slot;
  private final Watchdog.Ages ages;
  private final Ticker ticker;
  private final Thread thread;
  private final AtomicLong dumpsAsked = new AtomicLong();
  private volatile boolean endAsked;
  private volatile boolean slotTaken;
  private volatile boolean mayEnd;
  private volatile boolean closing;

  // Its own thread's.
  private long dumpsBegun;
  private long dumpedNanos;
  private Thread dumping;
  private Thread ending;

  /// @param threads all that are watched
  /// @param dumps empty = none are written
  /// @param slot empty = the host has no limit
  /// @param ages whether an end that is asked for is one, and from when on a thread is to blame
  Errands(
      Supplier<Watched[]> threads,
      Optional<Dumps> dumps,
      Optional<HostSlot> slot,
      Watchdog.Ages ages,
      Ticker ticker) {
    this.threads = threads;
    this.dumps = dumps;
    this.slot = slot;
    this.ages = ages;
    this.ticker = ticker;
    this.dumpedNanos = ticker.nanos() - DUMP_EVERY_NANOS;
    this.thread = Thread.ofPlatform().name("watchdog-errands").daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// A stall is old enough for a dump.
  void askDump() {
    dumpsAsked.incrementAndGet();
  }

  /// Whether the process shall end. Taken back where the stall ended by itself while the slot was
  /// waited for.
  void askEnd(boolean asked) {
    endAsked = asked;
  }

  boolean endAsked() {
    return endAsked;
  }

  /// Whether the end must wait for another instance of the host.
  boolean waitsForSlot() {
    return slot.isPresent() && !slotTaken;
  }

  /// Whether all is told and the log is closed: the process ends, whatever comes round now.
  boolean mayEnd() {
    return mayEnd;
  }

  private void run() {
    while (!closing) {
      LockSupport.parkNanos(this, LOOK_NANOS);
      try {
        look();
      } catch (RuntimeException e) {
        LOG.error("a bug in an errand of the watchdog", e);
      }
    }
  }

  private void look() {
    for (Watched each : threads.get()) {
      if (each.stalls() != each.stallsSampled) {
        each.stallsSampled = each.stalls();
        if (!each.asked) {
          each.asked = true;
          Thread.ofPlatform().name("watchdog-sample").daemon(true).start(() -> sample(each));
        }
      }
      tellEnd(each);
    }
    if (dumpsAsked.get() != dumpsBegun && !isAlive(dumping)) {
      dumpsBegun = dumpsAsked.get();
      if (ticker.nanos() - dumpedNanos >= DUMP_EVERY_NANOS) {
        dumpedNanos = ticker.nanos();
        dumping = Thread.ofPlatform().name("watchdog-dump").daemon(true).start(this::dump);
      }
    }
    if (endAsked && !isAlive(ending) && !mayEnd) {
      Thread before = dumping;
      ending = Thread.ofPlatform().name("watchdog-end").daemon(true).start(() -> end(before));
    }
  }

  private static boolean isAlive(Thread thread) {
    return thread != null && thread.isAlive();
  }

  private void sample(Watched each) {
    List<String> frames =
        Arrays.stream(each.thread.getStackTrace()).map(StackTraceElement::toString).toList();
    each.sample = new Watched.Sample(ticker.nanos(), frames);
    each.asked = false;
    LOG.warn(
        "{} has not come round for {} ms, of which {} are its own; it is {} at {}",
        each.name,
        TimeUnit.NANOSECONDS.toMillis(each.ageNanos()),
        TimeUnit.NANOSECONDS.toMillis(each.blameNanos()),
        each.state(),
        frames.stream().limit(3).collect(Collectors.joining(" < ")));
  }

  /// A stall that ended by itself is told too: it may have been the first of many.
  private void tellEnd(Watched each) {
    if (each.stallsTold != each.stallsSampled && each.ageNanos() < each.lastStallNanos()) {
      each.stallsTold = each.stallsSampled;
      LOG.warn(
          "{} goes on after {} ms",
          each.name,
          TimeUnit.NANOSECONDS.toMillis(each.lastStallNanos()));
    }
  }

  private void dump() {
    dumps.ifPresent(each -> each.write(threads.get(), ticker.nanos()));
  }

  private void end(Thread dump) {
    String reason = reason();
    if (!ages.kills()) {
      LOG.error("{}: the process would end here, but watchdog.action is log", reason);
      while (endAsked && !closing) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      return;
    }
    if (isAlive(dump)) {
      await(dump);
    }
    if (slot.isPresent() && !takes(slot.get(), reason)) {
      return;
    }
    slotTaken = true;
    LOG.error("{}: the process ends itself", reason);
    LogEnd.await();
    mayEnd = true;
  }

  private static void await(Thread dump) {
    try {
      dump.join(TimeUnit.NANOSECONDS.toMillis(DUMP_WAIT_NANOS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return false where the stall was over first
  private boolean takes(HostSlot host, String reason) {
    long pid = ProcessHandle.current().pid();
    while (host.tryTake(pid, reason) == HostSlot.Turn.WAIT) {
      if (!endAsked || closing) {
        host.close();
        return false;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return true;
  }

  private String reason() {
    return Arrays.stream(threads.get())
        .filter(each -> each.loop >= 0 && each.hasReached(ages.sample()))
        .map(Errands::told)
        .collect(Collectors.joining(", "));
  }

  private static String told(Watched each) {
    Watched.Sample sample = each.sample;
    String stands =
        sample == null || sample.frames().isEmpty() ? "" : " at " + sample.frames().getFirst();
    return each.name
        + " has not come round for "
        + TimeUnit.NANOSECONDS.toMillis(each.ageNanos())
        + " ms"
        + stands;
  }

  @Override
  public void close() {
    closing = true;
    ThreadEnd.await(List.of(thread));
  }
}
