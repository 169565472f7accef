package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The outer ring: what the inner one found and what the canary found, together, told to whoever
/// started this process.
///
/// Threads that make progress are not enough, as nobody may be accepted any more; a canary is not
/// enough, as it takes one loop of many.
///
/// **Threading.** One thread opens and closes it; the rest is for any, and answers at once.
final class Herald implements AutoCloseable {
  private static final double NANOS_A_SECOND = TimeUnit.SECONDS.toNanos(1);

  /// What the inner ring says; asked on any thread, answers at once.
  interface Inner {
    /// Whether every loop comes round, or would if it had the CPU that it wants.
    boolean well();

    /// Why requests should go elsewhere, each a few words; empty where they need not.
    List<String> reasons();
  }

  private enum Phase {
    STARTING,
    SERVING,
    STOPPING
  }

  private final Inner inner;
  private final Counters counters;
  private final Ticker ticker;
  private final Notifier notifier;
  private volatile Phase phase = Phase.STARTING;
  private volatile Canary canary;

  private Herald(
      Inner inner, Map<String, String> environment, long pid, Counters counters, Ticker ticker) {
    this.inner = inner;
    this.counters = counters;
    this.ticker = ticker;
    this.notifier =
        Notifier.open(
            environment,
            pid,
            new Notifier.Told() {
              @Override
              public boolean well() {
                return Herald.this.lives();
              }

              @Override
              public boolean serves() {
                return Herald.this.well();
              }

              @Override
              public String status() {
                return Herald.this.status();
              }
            },
            ticker);
  }

  /// Begins to tell that the process starts.
  ///
  /// @param environment of the process: whom to tell, and how often
  static Herald open(
      Inner inner, Map<String, String> environment, long pid, Counters counters, Ticker ticker) {
    return new Herald(inner, environment, pid, counters, ticker);
  }

  /// From now on requests go through these listeners.
  void canary(List<Canary.Way> ways) {
    canary = Canary.start(ways, counters, ticker);
  }

  /// How the canary did lately.
  Canary.Report canary() {
    Canary sent = canary;
    return sent == null ? Canary.Report.NONE : sent.report();
  }

  /// Told to the outside as soon as the first canary is back.
  void ready() {
    phase = Phase.SERVING;
    notifier.ready();
  }

  void stopping(Duration limit) {
    phase = Phase.STOPPING;
    notifier.stopping(limit);
    stopCanary();
  }

  /// Whether the process is as it should be. Of the canary only while it serves: before there is
  /// nothing to serve, and later nobody is let in.
  boolean well() {
    return inner.well() && !isCanaryLost();
  }

  /// Whether ending the process would make nothing better: also under a load that is too much for
  /// it.
  private boolean lives() {
    Canary sent = canary;
    boolean lost = phase == Phase.SERVING && sent != null && sent.isLost();
    return inner.well() && !lost;
  }

  /// Why requests should go elsewhere.
  List<String> reasons() {
    List<String> all = new ArrayList<>(inner.reasons());
    if (isCanaryLost()) {
      all.add(lost(canary()));
    }
    return all;
  }

  private boolean isCanaryLost() {
    Canary sent = canary;
    return phase == Phase.SERVING && sent != null && !sent.isFresh();
  }

  private static String lost(Canary.Report report) {
    String since =
        report.ageNanos() < 0
            ? "no request of its own came back yet"
            : String.format(
                Locale.ROOT,
                "no request of its own came back for %.1f s",
                report.ageNanos() / NANOS_A_SECOND);
    return report.error().isEmpty() ? since : since + " (" + report.error() + ")";
  }

  /// One line for operators.
  String status() {
    List<String> reasons = reasons();
    if (!reasons.isEmpty()) {
      return "not ready: " + String.join("; ", reasons);
    }
    // Ended is read before begun: the difference is never negative.
    long ended = counters.sum(Counter.EXCHANGES_ENDED);
    long inFlight = counters.sum(Counter.EXCHANGES_BEGUN) - ended;
    return switch (phase) {
      case STARTING -> "starting";
      case SERVING -> String.format(Locale.ROOT, "serving, %,d exchanges in flight", inFlight);
      case STOPPING -> String.format(Locale.ROOT, "stopping, %,d exchanges in flight", inFlight);
    };
  }

  private void stopCanary() {
    Canary sent = canary;
    if (sent != null) {
      sent.close();
    }
  }

  @Override
  public void close() {
    stopCanary();
    notifier.close();
  }
}
