package anycast.backhaul.exchange;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.Counters;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.atomic.AtomicInteger;

/// Begins exchanges: what all exchanges of a process share.
///
/// **Threading.** [#begin] on the downstream's event loop; [#inFlight] anywhere.
public final class Exchanges {
  private final Connector connector;
  private final Rules rules;
  private final ExchangeLog log;
  private final Counters counters;
  private final Ticker ticker;
  private final KeptBytes kept;
  private final WaitBounds waits;

  /// This one where nothing is counted.
  private final Exchanges uncounted;

  private final AtomicInteger copies = new AtomicInteger();
  private final FastThreadLocal<LiveExchanges> ofLoop = new FastThreadLocal<>();

  /// What holds for all exchanges of a process, whatever their plans say.
  ///
  /// @param edits for final response heads, before the plan's own
  /// @param timeoutKind what an exchange ends with that stayed quiet for too long
  public record Rules(ResponseEdits edits, FaultKind timeoutKind, ExchangeLimits limits) {}

  public Exchanges(
      Connector connector, Rules rules, ExchangeLog log, Counters counters, Ticker ticker) {
    this.connector = connector;
    this.rules = rules;
    this.log = log;
    this.counters = counters;
    this.ticker = ticker;
    this.kept = new KeptBytes(rules.limits().keptBytesInAll());
    this.waits = new WaitBounds(rules.limits().awaiting(), rules.limits().awaitingOfOwner());
    this.uncounted = new Exchanges(this);
    counters.gauge(
        "request.bodies.kept.bytes",
        "Request bodies held to be sent again, for a wait or for a copy that is behind.",
        kept::held);
    counters.gauge("exchanges.awaiting", "Exchanges that wait for an instance.", waits::waiting);
  }

  private Exchanges(Exchanges counted) {
    this.connector = counted.connector;
    this.rules = counted.rules;
    this.log = counted.log;
    this.counters = counted.counters;
    this.ticker = counted.ticker;
    this.kept = counted.kept;
    this.waits = counted.waits;
    this.uncounted = this;
  }

  /// Within usual limits.
  public Exchanges(
      Connector connector,
      ResponseEdits edits,
      ExchangeLog log,
      FaultKind timeoutKind,
      Counters counters,
      Ticker ticker) {
    this(connector, new Rules(edits, timeoutKind, ExchangeLimits.usual()), log, counters, ticker);
  }

  /// Begins the walk over the plan's candidates.
  ///
  /// The first attempt may fail before this returns: then the downstream has had its fault already,
  /// and the exchange that is returned takes calls and ignores them.
  ///
  /// @param end no request body follows
  /// @param loop the downstream's event loop, where all of the exchange lives
  public Exchange begin(Downstream downstream, Plan.Forward plan, boolean end, EventLoop loop) {
    Exchange exchange = begun(downstream, end, loop);
    exchange.forward(plan);
    return exchange;
  }

  /// Begins an exchange that waits until somebody can take it: it is planned anew every 50 ms while
  /// it waits, and ends with `otherwise`, of the plan made last, when its time is over; with that
  /// of the first plan at once where too many wait already. What a new plan answers goes out as it
  /// is, without edits.
  ///
  /// The request's body is held back by its downstream's window. All may be over before this
  /// returns, as above.
  ///
  /// @param end no request body follows
  /// @param loop the downstream's event loop, where all of the exchange lives
  public Exchange begin(Downstream downstream, Plan.Await wait, boolean end, EventLoop loop) {
    Exchange exchange = begun(downstream, end, loop);
    exchange.await(wait);
    return exchange;
  }

  private Exchange begun(Downstream downstream, boolean end, EventLoop loop) {
    LiveExchanges live = ofLoop.get();
    if (live == null) {
      CounterCell cell = uncounted == this ? counters.aside() : counters.cell(loop);
      live = new LiveExchanges(loop, cell, ticker, waits);
      ofLoop.set(live);
    }
    Exchange exchange = new Exchange(this, live, downstream, end);
    live.begun(exchange);
    return exchange;
  }

  /// The same for requests of the process to itself: no counter hears of them.
  public Exchanges uncounted() {
    return uncounted;
  }

  /// How many have begun and not ended.
  public long inFlight() {
    // Ended is read before begun: the difference is never negative.
    long ended = counters.sum(Counter.EXCHANGES_ENDED);
    return counters.sum(Counter.EXCHANGES_BEGUN) - ended;
  }

  Connector connector() {
    return connector;
  }

  ResponseEdits edits() {
    return rules.edits();
  }

  ExchangeLog log() {
    return log;
  }

  FaultKind timeoutKind() {
    return rules.timeoutKind();
  }

  ExchangeLimits limits() {
    return rules.limits();
  }

  KeptBytes kept() {
    return kept;
  }

  /// @return false where too many copies are under way
  boolean copyBegun() {
    if (copies.incrementAndGet() > limits().copies()) {
      copies.decrementAndGet();
      return false;
    }
    return true;
  }

  void copyEnded() {
    copies.decrementAndGet();
  }

  Ticker ticker() {
    return ticker;
  }
}
