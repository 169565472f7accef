package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Libc;
import anycast.backhaul.posix.Task;
import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Recurring;
import anycast.routing.time.Progress;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The watchdog with all that it needs, and what it tells.
///
/// ```
///   loop ──beats every 250 ms──► Progress ◄─looks every 100 ms── Watchdog ──► FlightSlot: stuck
///                                                                   │ asks
///                                       stack, dump, log, slot ◄── Errands
/// ```
///
/// **Threading.** One thread opens and closes it, before the loops end; the rest is for any.
/// **Faults.** Where the kernel cannot be asked about threads, stalls are told and end nothing:
/// nobody could tell them from a machine that is short of CPU.
final class Guard implements Herald.Inner, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);
  private static final long BEAT_NANOS = Duration.ofMillis(250).toNanos();

  /// A loop that has just been started answers at once; a machine that starts 50 JVMs takes longer.
  private static final long START_SECONDS = 30;

  private final Ticker ticker;
  private final Counters counters;
  private final LastLines lines;
  private final Errands errands;
  private final Watchdog watchdog;

  private Guard(
      VitalsConfig config,
      String name,
      EventLoops loops,
      Counters counters,
      Flight flight,
      InstantSource clock) {
    this.ticker = loops.ticker();
    this.counters = counters;
    this.lines = LastLines.listen();
    LongSupplier suspended = suspended();
    boolean kills = config.action() == VitalsConfig.Action.KILL && suspended != null;
    if (kills) {
      Libc.prepareToEnd();
    }
    long jitter = ThreadLocalRandom.current().nextLong(config.jitter().toNanos() + 1);
    Watchdog.Ages ages = Watchdog.Ages.of(config, kills, jitter);
    Watched[] watched = loops(loops.loops());
    errands =
        new Errands(
            this::threads,
            config.directory().map(each -> new Dumps(each, name, flight, lines, clock)),
            HostSlot.of(System.getenv(), clock),
            ages,
            ticker);
    watchdog =
        new Watchdog(
            ages, watched, flight, errands, suspended == null ? () -> 0 : suspended, ticker);
  }

  /// Begins to watch the loops.
  static Guard open(
      VitalsConfig config,
      String name,
      EventLoops loops,
      Counters counters,
      Flight flight,
      InstantSource clock) {
    Guard guard = new Guard(config, name, loops, counters, flight, clock);
    guard.bind();
    guard.errands.start();
    guard.watchdog.start();
    return guard;
  }

  private Watched[] threads() {
    return watchdog.threads();
  }

  /// Null where the kernel cannot be asked.
  private static LongSupplier suspended() {
    try {
      // Its clocks are asked for as long as the process lives.
      return Task.of(Task.current())::suspendedNanos;
    } catch (IOException | LinkageError e) {
      LOG.warn("the kernel cannot be asked about threads: stalls are told and end nothing", e);
      return null;
    }
  }

  private static Watched[] loops(List<EventLoop> loops) {
    List<CompletableFuture<Watched>> begun = new ArrayList<>();
    for (int i = 0; i < loops.size(); i++) {
      EventLoop loop = loops.get(i);
      Progress progress = new Progress();
      CompletableFuture<Watched> watched = new CompletableFuture<>();
      int index = i;
      loop.execute(() -> watched.complete(here(progress, index)));
      Recurring.every(loop, BEAT_NANOS, progress::beat);
      begun.add(watched);
    }
    return begun.stream().map(Guard::started).toArray(Watched[]::new);
  }

  /// On the loop itself.
  private static Watched here(Progress progress, int index) {
    Thread thread = Thread.currentThread();
    Sense sense;
    try {
      sense = Sense.of(Task.of(Task.current()));
    } catch (IOException | LinkageError e) {
      LOG.debug("no clock for {}", thread.getName(), e);
      sense = Sense.none(thread);
    }
    return new Watched(thread.getName(), thread, progress, sense, index);
  }

  private static Watched started(CompletableFuture<Watched> loop) {
    try {
      return loop.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("an event loop does not begin", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the event loops began", e);
    }
  }

  /// See [Vitals#watch].
  void watch(String name, Thread thread, Progress progress) {
    Sense sense = Sense.none(thread);
    try {
      OptionalInt tid = Kernel.task(thread.getName());
      if (tid.isPresent()) {
        sense = Sense.of(Task.of(tid.getAsInt()));
      }
    } catch (IOException | LinkageError e) {
      LOG.debug("no clock for {}", name, e);
    }
    watchdog.watch(new Watched(name, thread, progress, sense, -1));
    bindBlame(name);
  }

  private void bind() {
    for (Watched.Kind kind : Watched.Kind.values()) {
      counters.counter(
          "watchdog.stalls",
          "Threads that stood still for half a second by their own doing, others for two.",
          Map.of("thread", kind == Watched.Kind.LOOP ? "loop" : "other"),
          () -> stalls(kind));
    }
    counters.gauge(
        "watchdog.starved",
        "Threads that want to come round and get no CPU: the machine is too small or throttled.",
        () -> Arrays.stream(threads()).filter(this::isStarved).count());
    counters.counter(
        "watchdog.late.ticks",
        "Looks of the watchdog that came too late to count: pauses, or a machine short of CPU.",
        Map.of(),
        () -> watchdog.judge().lateTicks());
    counters.counter(
        "watchdog.lost.seconds",
        "Time that the watchdog itself has lost: a rise is time that every thread has lost.",
        Map.of(),
        () -> seconds(watchdog.judge().lostNanos()));
    for (Watched each : threads()) {
      bindBlame(each.name);
    }
  }

  private void bindBlame(String name) {
    counters.gauge(
        "watchdog.blame.seconds",
        "Time since a thread last came round that is its own doing; a loop's stays below 0.3.",
        Map.of("thread", name),
        () -> seconds(blameNanos(name)));
  }

  private double stalls(Watched.Kind kind) {
    return Arrays.stream(threads())
        .filter(each -> each.kind == kind)
        .mapToLong(Watched::stalls)
        .sum();
  }

  private long blameNanos(String name) {
    return Arrays.stream(threads())
        .filter(each -> each.name.equals(name))
        .mapToLong(Watched::blameNanos)
        .sum();
  }

  private static double seconds(long nanos) {
    return nanos / (double) TimeUnit.SECONDS.toNanos(1);
  }

  /// Its turn is overdue, and not by its own doing.
  private boolean isStarved(Watched each) {
    Watchdog.Ages ages = watchdog.ages();
    return each.starvedNanos() >= ages.notReady() * each.kind.patience
        && !each.hasReached(ages.notReady());
  }

  /// Why requests should go elsewhere.
  @Override
  public List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    for (Watched each : threads()) {
      if (each.hasReached(watchdog.ages().notReady())) {
        reasons.add(each.name + " has not come round for " + seconds(each) + " s");
      } else if (isStarved(each)) {
        reasons.add(each.name + " starved of CPU for " + seconds(each) + " s");
      }
    }
    return reasons;
  }

  private static String seconds(Watched each) {
    long tenths = TimeUnit.NANOSECONDS.toMillis(each.ageNanos()) / 100;
    return tenths / 10 + "." + tenths % 10;
  }

  /// Whether every loop came round a moment ago.
  @Override
  public boolean well() {
    return watchdog.well();
  }

  /// @param canary asked on admin threads
  Map<String, AdminAnswer> pages(Supplier<Canary.Report> canary) {
    return Map.of("/watchdog", _ -> WatchdogView.of(watchdog, canary.get(), ticker.nanos()));
  }

  @Override
  public void close() {
    watchdog.close();
    errands.close();
    lines.close();
  }
}
