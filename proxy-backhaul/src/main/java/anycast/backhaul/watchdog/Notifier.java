package anycast.backhaul.watchdog;

import anycast.backhaul.posix.NotifySender;
import anycast.backhaul.posix.PosixException;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells whoever started this process how it is, by the protocol of `sd_notify(3)`: that it is
/// ready, that it lives, what it does, and that it stops.
///
/// ```
///   STARTING ── ready(), and it is well ──► SERVING ── stopping() ──► STOPPING
///    while well:                             while well:               at most for `limit`:
///    EXTEND_TIMEOUT_USEC                     WATCHDOG=1                EXTEND_TIMEOUT_USEC, WATCHDOG=1
/// ```
///
/// **Threading.** A thread of its own that waits for nobody: the socket does not block, and what it
/// asks answers at once. The methods are for any thread. **Limits.** One message a second, or as
/// often as `WATCHDOG_USEC` wants. **Faults.** Without `NOTIFY_SOCKET` nothing is sent; a message
/// that cannot be sent is sent again in the next turn. Variables that make no sense are logged and
/// never keep a process from starting.
public final class Notifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

  /// Operators read the status; a second old is new enough for them.
  private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// Half of the interval is what systemd asks for; half of that again, so that a beat that was
  /// missed by a busy machine is made up for in time.
  private static final int BEATS_AN_INTERVAL = 4;

  /// A shorter interval than 40 ms nobody means.
  private static final long LEAST_TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /// What start and stop ask for each turn: it covers nine turns that get lost.
  private static final long EXTENSION_MICROS = TimeUnit.SECONDS.toMicros(10);

  /// Longest status; the whole message stays below what a datagram takes.
  private static final int MAX_STATUS = 200;

  /// What is asked of the process about once a second, on the notifier's thread; answers at once.
  public interface Told {
    /// Whether the process deserves a beat.
    boolean well();

    /// Whether it has shown that it serves; asked until it was told that it is ready. Who is
    /// excused from showing it lives, and is not ready.
    boolean serves();

    /// One line for operators, e.g. `serving, 12 exchanges in flight`.
    String status();
  }

  /// Where the process is, as far as it said so.
  private enum Phase {
    STARTING,
    READY,
    STOPPING
  }

  private final Told told;
  private final Ticker ticker;
  private final Optional<NotifySender> sender;
  private final boolean beats;
  private final long turnNanos;
  private final Thread thread;

  private volatile Phase phase = Phase.STARTING;
  private volatile long stopNanos;
  private volatile boolean closed;

  // The thread's.
  private boolean readyTold;
  private boolean stoppingTold;
  private String statusTold = "";
  private boolean complained;

  private Notifier(Told told, Ticker ticker, Optional<NotifySender> sender, long watchdogMicros) {
    this.told = told;
    this.ticker = ticker;
    this.sender = sender;
    this.beats = watchdogMicros > 0;
    this.turnNanos =
        beats
            ? Math.clamp(
                TimeUnit.MICROSECONDS.toNanos(watchdogMicros) / BEATS_AN_INTERVAL,
                LEAST_TURN_NANOS,
                TURN_NANOS)
            : TURN_NANOS;
    this.thread = Thread.ofPlatform().name("notifier").daemon(true).unstarted(this::run);
  }

  /// Begins to tell: until [#ready] that the start goes on.
  ///
  /// @param environment has `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`, or not
  /// @param pid of this process
  public static Notifier open(Map<String, String> environment, long pid, Told told, Ticker ticker) {
    Notifier made =
        new Notifier(told, ticker, sender(environment), watchdogMicros(environment, pid));
    if (made.sender.isPresent()) {
      made.thread.start();
    }
    return made;
  }

  private static Optional<NotifySender> sender(Map<String, String> environment) {
    String target = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (target.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(NotifySender.open(target));
    } catch (PosixException | IllegalArgumentException e) {
      LOG.warn("nobody can be told how this process is: NOTIFY_SOCKET: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /// @return 0 where no beats are wanted of this process
  private static long watchdogMicros(Map<String, String> environment, long pid) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String owner = environment.getOrDefault("WATCHDOG_PID", "");
    if (micros.isEmpty() || !owner.isEmpty() && !owner.equals(Long.toString(pid))) {
      return 0;
    }
    try {
      long interval = Long.parseLong(micros);
      if (interval > 0) {
        return interval;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    LOG.warn("no beats are sent: WATCHDOG_USEC wants a number of microseconds");
    return 0;
  }

  /// The process serves; told as soon as it is well, too.
  public void ready() {
    phase = Phase.READY;
    LockSupport.unpark(thread);
  }

  /// The process stops, which takes at most `limit`.
  public void stopping(Duration limit) {
    stopNanos = ticker.nanos() + limit.toNanos();
    phase = Phase.STOPPING;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      try {
        turn(phase);
      } catch (RuntimeException e) {
        LOG.error("a bug in what is told to the outside", e);
      }
      LockSupport.parkNanos(turnNanos);
    }
  }

  private void turn(Phase now) {
    boolean well = told.well();
    StringBuilder lines = new StringBuilder();
    boolean ready = now == Phase.READY && !readyTold && well && told.serves();
    switch (now) {
      case STARTING -> extend(lines, well);
      case READY -> {
        if (ready) {
          line(lines, "READY=1");
        } else if (!readyTold) {
          extend(lines, well);
        }
        beat(lines, well);
      }
      case STOPPING -> {
        if (!stoppingTold) {
          line(lines, "STOPPING=1");
        }
        extend(lines, ticker.nanos() - stopNanos < 0);
        beat(lines, well);
      }
    }
    String status = oneLine(told.status());
    if (!status.equals(statusTold)) {
      line(lines, "STATUS=" + status);
    }
    if (!lines.isEmpty() && send(lines.toString())) {
      readyTold |= ready;
      stoppingTold |= now == Phase.STOPPING;
      statusTold = status;
    }
  }

  private static void extend(StringBuilder lines, boolean deserved) {
    if (deserved) {
      line(lines, "EXTEND_TIMEOUT_USEC=" + EXTENSION_MICROS);
    }
  }

  private void beat(StringBuilder lines, boolean well) {
    if (beats && well) {
      line(lines, "WATCHDOG=1");
    }
  }

  private static void line(StringBuilder lines, String line) {
    lines.append(lines.isEmpty() ? "" : "\n").append(line);
  }

  /// Another line would be another message.
  private static String oneLine(String status) {
    String line = status.replaceAll("\\p{Cntrl}", " ");
    return line.length() > MAX_STATUS ? line.substring(0, MAX_STATUS) : line;
  }

  private boolean send(String lines) {
    try {
      sender.orElseThrow().send(lines);
      complained = false;
      return true;
    } catch (PosixException e) {
      if (!complained) {
        complained = true;
        LOG.warn("who started this process cannot be told how it is: {}", e.getMessage());
      }
      return false;
    }
  }

  @Override
  public void close() {
    closed = true;
    ThreadEnd.await(List.of(thread));
    if (!thread.isAlive()) {
      sender.ifPresent(NotifySender::close);
    }
  }
}
