package anycast.backhaul.exchange;

import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/// The exchanges of one event loop, and how many there were.
///
/// One sweep serves the timeouts of all of them: a timer per request would cost more than the
/// request's routing, and nobody needs a 30 s timeout to the millisecond.
///
/// **Threading.** The loop's; the counts may be read from anywhere, opaque: each is monotone and at
/// most one turn old.
final class LiveExchanges {
  /// How late a timeout may come.
  static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final VarHandle BEGUN = count("begun");
  private static final VarHandle ENDED = count("ended");
  private static final VarHandle FAILED = count("failed");
  private static final VarHandle RETRIED = count("retried");

  private final EventLoop loop;
  private final Ticker ticker;
  private Exchange first;
  private boolean sweeping;
  private long begun;
  private long ended;
  private long failed;
  private long retried;

  LiveExchanges(EventLoop loop, Ticker ticker) {
    this.loop = loop;
    this.ticker = ticker;
  }

  private static VarHandle count(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(LiveExchanges.class, name, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  void begun(Exchange exchange) {
    BEGUN.setOpaque(this, begun + 1);
    exchange.after = first;
    if (first != null) {
      first.before = exchange;
    }
    first = exchange;
    if (!sweeping) {
      sweeping = true;
      loop.schedule(this::onSweep, SWEEP_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  void ended(Exchange exchange, boolean badly) {
    ENDED.setOpaque(this, ended + 1);
    if (badly) {
      FAILED.setOpaque(this, failed + 1);
    }
    if (exchange.before == null) {
      first = exchange.after;
    } else {
      exchange.before.after = exchange.after;
    }
    if (exchange.after != null) {
      exchange.after.before = exchange.before;
    }
  }

  void retried() {
    RETRIED.setOpaque(this, retried + 1);
  }

  private void onSweep() {
    long now = ticker.nanos();
    Exchange exchange = first;
    while (exchange != null) {
      // Ending takes it off the list but leaves its own link, which still leads on.
      Exchange following = exchange.after;
      exchange.onSweep(now);
      exchange = following;
    }
    sweeping = first != null;
    if (sweeping) {
      loop.schedule(this::onSweep, SWEEP_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  void addTo(long[] sums) {
    // Ended before begun: in flight is never negative.
    sums[1] += (long) ENDED.getOpaque(this);
    sums[0] += (long) BEGUN.getOpaque(this);
    sums[2] += (long) FAILED.getOpaque(this);
    sums[3] += (long) RETRIED.getOpaque(this);
  }
}
