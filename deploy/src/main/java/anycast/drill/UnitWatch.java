package anycast.drill;

import anycast.demo.FleetFault;
import anycast.routing.time.Ticker;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Looks at a unit five times a second and tells what became of it.
///
/// **Threading.** A thread of its own; the rest is for any, under its lock.
final class UnitWatch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(200);

  private final Systemd systemd;
  private final String unit;
  private final Ticker ticker;
  private final PrintStream out;
  private final long startedNanos;
  private final Thread thread = Thread.ofPlatform().name("unit-watch").unstarted(this::look);
  private final List<Seen> seen = new ArrayList<>();
  private volatile boolean closed;

  /// A change of its state or its process.
  ///
  /// @param atNanos when it was noticed, some periods late at most
  record Seen(long atNanos, Systemd.Unit unit) {}

  UnitWatch(Systemd systemd, String unit, Ticker ticker, PrintStream out) {
    this.systemd = systemd;
    this.unit = unit;
    this.ticker = ticker;
    this.out = out;
    this.startedNanos = ticker.nanos();
  }

  void start() {
    thread.start();
  }

  private void look() {
    while (!closed) {
      try {
        note(systemd.show(unit));
      } catch (FleetFault e) {
        out.println("  " + e.getMessage());
      }
      LockSupport.parkNanos(PERIOD.toNanos());
    }
  }

  private synchronized void note(Systemd.Unit now) {
    long nowNanos = ticker.nanos();
    if (!seen.isEmpty() && isSame(seen.getLast().unit(), now)) {
      return;
    }
    seen.add(new Seen(nowNanos, now));
    out.printf(
        "  %6.1f s  %s: %s/%s, pid %d, %d restarts, %s, \"%s\"%n",
        (nowNanos - startedNanos) / 1e9,
        unit,
        now.active(),
        now.sub(),
        now.pid(),
        now.restarts(),
        now.result(),
        now.status());
  }

  /// The words of a process change all the time.
  private static boolean isSame(Systemd.Unit before, Systemd.Unit now) {
    return before.active().equals(now.active())
        && before.sub().equals(now.sub())
        && before.pid() == now.pid()
        && before.result().equals(now.result());
  }

  /// Since a moment, in order.
  synchronized List<Seen> since(long nanos) {
    return seen.stream().filter(each -> each.atNanos() - nanos >= 0).toList();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
