package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.Counters;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Requests that this process sends to itself, once a second, on the way that its clients take: a
/// counter of progress does not show that nobody is accepted any more.
///
/// **Threading.** A thread of its own, which may block; the methods are for any thread. **Limits.**
/// One request at a time, [#LIMIT] for each.
public final class Canary implements AutoCloseable {
  /// A canary younger than this says that the process serves.
  public static final Duration FRESH = Duration.ofSeconds(3);

  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);

  /// Less than [#FRESH] by one turn: one that was lost does not make the process unwell.
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long CLOSE_MILLIS = 1_000;

  /// Not yet.
  private static final long NEVER = Long.MIN_VALUE;

  /// The way through one listener.
  public interface Way {
    /// What operators call the listener.
    String name();

    /// Sends one request and waits for its answer, at most `limit`.
    ///
    /// @throws IOException with a sentence where no answer came, or a wrong one
    void go(Duration limit) throws IOException, InterruptedException;
  }

  /// How it went lately.
  ///
  /// @param ageNanos since a request last came back through each listener; -1 = never
  /// @param roundTripNanos of the last one that came back; -1 = never
  /// @param failures since the start
  /// @param error of the last failure with its listener's name; empty = none
  public record Report(long ageNanos, long roundTripNanos, long failures, String error) {
    /// Before the first.
    public static final Report NONE = new Report(-1, -1, 0, "");
  }

  private final List<Way> ways;
  private final Ticker ticker;
  private final Thread thread;

  /// When a request last came back, by way.
  private final AtomicLongArray backNanos;

  private final AtomicLong failures = new AtomicLong();
  private volatile long roundTripNanos = -1;
  private volatile String error = "";
  private volatile boolean closed;

  /// The thread's: who failed last time has been told.
  private final boolean[] failing;

  private Canary(List<Way> ways, Ticker ticker) {
    this.ways = List.copyOf(ways);
    this.ticker = ticker;
    this.failing = new boolean[ways.size()];
    this.backNanos = new AtomicLongArray(ways.size());
    for (int i = 0; i < ways.size(); i++) {
      backNanos.set(i, NEVER);
    }
    this.thread = Thread.ofPlatform().name("canary").daemon(true).unstarted(this::run);
  }

  /// Sends the first one at once.
  ///
  /// @param ways one for each listener, tried in turn
  public static Canary start(List<Way> ways, Counters counters, Ticker ticker) {
    Canary made = new Canary(ways, ticker);
    counters.gauge(
        "canary.round.trip",
        "Seconds that the last request of this process to itself took; -1 = none came back yet.",
        () -> made.roundTripNanos < 0 ? -1 : made.roundTripNanos / 1e9);
    counters.counter(
        "canary.failures",
        "Requests of this process to itself that did not come back: it may not be serving.",
        Map.of(),
        made.failures::get);
    made.thread.start();
    return made;
  }

  /// Whether requests came back through every listener within [#FRESH].
  public boolean isFresh() {
    long age = report().ageNanos();
    return age >= 0 && age < FRESH.toNanos();
  }

  public Report report() {
    long now = ticker.nanos();
    long age = 0;
    for (int i = 0; i < ways.size() && age >= 0; i++) {
      long back = backNanos.get(i);
      age = back == NEVER ? -1 : Math.max(age, now - back);
    }
    return new Report(age, roundTripNanos, failures.get(), error);
  }

  private void run() {
    try {
      while (!closed) {
        long begun = ticker.nanos();
        for (int i = 0; i < ways.size() && !closed; i++) {
          go(i);
        }
        LockSupport.parkNanos(TURN_NANOS - (ticker.nanos() - begun));
      }
    } catch (InterruptedException e) {
      LOG.debug("the canary ends");
    }
  }

  private void go(int i) throws InterruptedException {
    Way way = ways.get(i);
    long begun = ticker.nanos();
    try {
      way.go(LIMIT);
      long now = ticker.nanos();
      roundTripNanos = now - begun;
      backNanos.set(i, now);
      if (failing[i]) {
        failing[i] = false;
        LOG.info("requests of this process to itself come back again through {}", way.name());
      }
    } catch (IOException | RuntimeException e) {
      if (closed) {
        return;
      }
      failures.incrementAndGet();
      error = way.name() + ": " + e.getMessage();
      if (!failing[i]) {
        failing[i] = true;
        LOG.warn("a request of this process to itself did not come back: {}", error);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
