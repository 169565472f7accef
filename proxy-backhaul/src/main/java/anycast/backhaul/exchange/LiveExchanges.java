package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The exchanges of one event loop.
///
/// One sweep serves the timeouts of all of them: a timer per request would cost more than the
/// request's routing, and nobody needs a 30 s timeout to the millisecond. What has to be exact has
/// its own timer, see [Deadlines].
///
/// **Threading.** The loop's.
final class LiveExchanges {
  /// How late a timeout may come, twice.
  static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final EventLoop loop;
  private final CounterCell counts;
  private final Ticker ticker;
  private final Waiting waiting;
  private final List<CopyRun> copies = new ArrayList<>();
  private Exchange first;
  private boolean sweeping;

  LiveExchanges(EventLoop loop, CounterCell counts, Ticker ticker, WaitBounds bounds) {
    this.loop = loop;
    this.counts = counts;
    this.ticker = ticker;
    this.waiting = new Waiting(this, bounds);
  }

  EventLoop loop() {
    return loop;
  }

  Ticker ticker() {
    return ticker;
  }

  Waiting waiting() {
    return waiting;
  }

  void begun(Exchange exchange) {
    counts.add(Counter.EXCHANGES_BEGUN);
    exchange.after = first;
    if (first != null) {
      first.before = exchange;
    }
    first = exchange;
    sweepOn();
  }

  void count(Counter counter) {
    counts.add(counter);
  }

  void attempted(boolean again) {
    counts.add(Counter.ATTEMPTS);
    if (again) {
      counts.add(Counter.RETRIES);
    }
  }

  /// @param fault null where it ended well
  void ended(Exchange exchange, Fault fault) {
    counts.add(Counter.EXCHANGES_ENDED);
    if (fault != null) {
      boolean left = fault.kind() == FaultKind.CLIENT_GONE;
      counts.add(left ? Counter.EXCHANGES_CANCELLED : Counter.EXCHANGES_FAILED);
      counts.fault(fault.kind());
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

  void passed(long requestBytes, long responseBytes) {
    counts.add(Counter.REQUEST_BODY_BYTES, requestBytes);
    counts.add(Counter.RESPONSE_BODY_BYTES, responseBytes);
  }

  /// A copy is under way; it is looked after until it is over.
  void copied(CopyRun copy) {
    counts.add(Counter.COPIES);
    copies.add(copy);
    sweepOn();
  }

  private void sweepOn() {
    if (!sweeping) {
      sweeping = true;
      loop.schedule(this::onSweep, SWEEP_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  private void onSweep() {
    try {
      sweep(ticker.nanos());
    } finally {
      // A bug in what one of them does must not take the others' timeouts.
      sweeping = first != null || !copies.isEmpty();
      if (sweeping) {
        loop.schedule(this::onSweep, SWEEP_NANOS, TimeUnit.NANOSECONDS);
      }
    }
  }

  private void sweep(long now) {
    Exchange exchange = first;
    while (exchange != null) {
      // Ending takes it off the list but leaves its own link, which still leads on.
      Exchange following = exchange.after;
      exchange.onSweep(now);
      exchange = following;
    }
    for (int i = 0; i < copies.size(); i++) {
      copies.get(i).onSweep(now);
    }
    copies.removeIf(CopyRun::isOver);
  }
}
