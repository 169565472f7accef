package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.ArrayList;
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
/// A request that does not come back is a stall, unless it is overload: as long as others get their
/// answers, or many come in, it is given more time, for a minute; and where the process has no
/// descriptors left, which clients bring about and no restart cures, or its certificate's time is
/// not now, it is excused. It is not ready then, but it lives.
///
/// **Threading.** A thread for each listener, which may block; the methods are for any thread.
/// **Limits.** One request at a time and listener, [#LIMIT] for each, or [#PATIENCE] under load.
public final class Canary implements AutoCloseable {
  /// A canary younger than this says that the process serves.
  public static final Duration FRESH = Duration.ofSeconds(3);

  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);

  /// Less than [#FRESH] by one turn: one that was lost does not make the process unwell.
  private static final Duration LIMIT = Duration.ofSeconds(2);

  /// For one that others' answers excuse: a loop with 20,000 busy connections comes round in half a
  /// second, and a request with TLS takes it ten times.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// Others' answers excuse it for so long: one in six of [#PATIENCE] has to come back. Longer, and
  /// a listener that takes nobody new would be hidden by those who are in.
  private static final long MOST_EXCUSED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /// Exchanges that begin beside a request which does not come back and make it one of many: a
  /// burst that meets a cold process is answered after seconds only.
  private static final int MANY = 20;

  /// What is open on the way of one request, twice, and as much as others take meanwhile.
  private static final int SPARE_FILES = 16;

  private static final Path ANY_FILE = Path.of("/dev/null");

  private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

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
  private final List<Thread> threads;

  private final Counters counters;

  /// When a request last came back, by way.
  private final AtomicLongArray backNanos;

  /// Until when it need not, by way.
  private final AtomicLongArray excusedNanos;

  private final long begunNanos;

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile long roundTripNanos = -1;
  private volatile String error = "";
  private volatile boolean closed;

  private Canary(List<Way> ways, Counters counters, Ticker ticker) {
    this.ways = List.copyOf(ways);
    this.counters = counters;
    this.ticker = ticker;
    this.begunNanos = ticker.nanos();
    this.backNanos = new AtomicLongArray(ways.size());
    this.excusedNanos = new AtomicLongArray(ways.size());
    List<Thread> made = new ArrayList<>();
    for (int i = 0; i < ways.size(); i++) {
      int mine = i;
      backNanos.set(i, NEVER);
      excusedNanos.set(i, begunNanos);
      String name = "canary-" + ways.get(i).name();
      made.add(Thread.ofPlatform().name(name).daemon(true).unstarted(() -> run(mine)));
    }
    this.threads = List.copyOf(made);
  }

  /// Sends the first one at once.
  ///
  /// @param ways one for each listener, tried in turn
  public static Canary start(List<Way> ways, Counters counters, Ticker ticker) {
    Canary made = new Canary(ways, counters, ticker);
    counters.gauge(
        "canary.round.trip",
        "Seconds that the last request of this process to itself took; -1 = none came back yet.",
        () -> made.roundTripNanos < 0 ? -1 : made.roundTripNanos / 1e9);
    counters.counter(
        "canary.requests",
        "Requests of this process to itself, which no other counter has.",
        Map.of(),
        made.sent::get);
    counters.counter(
        "canary.failures",
        "Requests of this process to itself that did not come back: it may not be serving.",
        Map.of(),
        made.failures::get);
    made.threads.forEach(Thread::start);
    return made;
  }

  /// Whether requests came back through every listener within [#FRESH].
  public boolean isFresh() {
    long age = report().ageNanos();
    return age >= 0 && age < FRESH.toNanos();
  }

  /// Whether nobody is served through some listener: no request came back for [#FRESH], and nothing
  /// excuses that.
  public boolean isLost() {
    long now = ticker.nanos();
    boolean lost = false;
    for (int i = 0; i < ways.size(); i++) {
      long back = backNanos.get(i);
      boolean fresh = back != NEVER && now - back < FRESH.toNanos();
      lost |= !fresh && now - excusedNanos.get(i) >= 0;
    }
    return lost;
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

  private void run(int i) {
    boolean failing = false;
    try {
      while (!closed) {
        long begun = ticker.nanos();
        failing = !go(i, failing);
        LockSupport.parkNanos(TURN_NANOS - (ticker.nanos() - begun));
      }
    } catch (InterruptedException e) {
      LOG.debug("the canary ends");
    }
  }

  /// @param failing that the one before did not come back has been told
  /// @return whether this one did
  private boolean go(int i, boolean failing) throws InterruptedException {
    Way way = ways.get(i);
    Others before = others();
    long sentNanos = ticker.nanos();
    sent.incrementAndGet();
    try {
      way.go(sentNanos - excusedNanos.get(i) < 0 ? PATIENCE : LIMIT);
      long now = ticker.nanos();
      roundTripNanos = now - sentNanos;
      backNanos.set(i, now);
      excusedNanos.set(i, now);
      if (failing) {
        LOG.info("requests of this process to itself come back again through {}", way.name());
      }
      return true;
    } catch (IOException | RuntimeException e) {
      if (closed) {
        return true;
      }
      String excuse =
          isOutOfTime(e)
              ? "; no restart mends a certificate or a clock"
              : excuse(i, before, others());
      if (!excuse.isEmpty()) {
        excusedNanos.set(i, ticker.nanos() + PATIENCE.toNanos() + TURN_NANOS + FRESH.toNanos());
      }
      failures.incrementAndGet();
      error = way.name() + ": " + e.getMessage() + excuse;
      if (!failing) {
        LOG.warn("a request of this process to itself did not come back: {}", error);
      }
      return false;
    }
  }

  /// What became of the exchanges of this process so far, the canary's own included.
  ///
  /// @param served that ended well
  /// @param turnedAway connections that found no descriptor
  private record Others(long served, long begun, long turnedAway) {}

  private Others others() {
    return new Others(
        counters.sum(Counter.EXCHANGES_ENDED)
            - counters.sum(Counter.EXCHANGES_FAILED)
            - counters.sum(Counter.EXCHANGES_CANCELLED),
        counters.sum(Counter.EXCHANGES_BEGUN),
        counters.sum(Counter.DESCRIPTORS_SHORT));
  }

  /// Why a request that did not come back is no stall.
  ///
  /// @param before when it left
  /// @return what to tell of it; empty = it is one
  private String excuse(int i, Others before, Others now) {
    if (now.turnedAway > before.turnedAway || isShortOfFiles()) {
      return "; the process is out of file descriptors";
    }
    long back = backNanos.get(i);
    long since = ticker.nanos() - (back == NEVER ? begunNanos : back);
    if (since >= MOST_EXCUSED_NANOS) {
      return "";
    }
    long begun = now.begun - before.begun;
    return now.served > before.served
        ? "; others get answers"
        : begun >= MANY ? "; so many came in meanwhile: " + begun : "";
  }

  /// Whether a certificate's time is over, or has not come: the clock may have stepped. Whoever is
  /// connected is served; started again, the process would refuse its own certificate.
  private static boolean isOutOfTime(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException
          || cause instanceof CertificateNotYetValidException) {
        return true;
      }
    }
    return false;
  }

  /// Tries it out: to ask how many are open takes one, too.
  private static boolean isShortOfFiles() {
    List<FileChannel> opened = new ArrayList<>();
    try {
      while (opened.size() < SPARE_FILES) {
        opened.add(FileChannel.open(ANY_FILE));
      }
      return false;
    } catch (IOException e) {
      return true;
    } finally {
      opened.forEach(Canary::release);
    }
  }

  private static void release(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      LOG.debug("a file does not close", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    ThreadEnd.await(threads);
  }
}
