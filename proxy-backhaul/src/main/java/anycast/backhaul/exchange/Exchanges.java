package anycast.backhaul.exchange;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;

/// Begins exchanges: what all exchanges of a process share.
///
/// **Threading.** [#begin] on the downstream's event loop; [#inFlight] anywhere.
public final class Exchanges {
  private final Connector connector;
  private final ResponseEdits edits;
  private final ExchangeLog log;
  private final FaultKind timeoutKind;
  private final Counters counters;
  private final Ticker ticker;
  private final FastThreadLocal<LiveExchanges> ofLoop = new FastThreadLocal<>();

  /// @param timeoutKind what an exchange ends with that stayed quiet for too long
  public Exchanges(
      Connector connector,
      ResponseEdits edits,
      ExchangeLog log,
      FaultKind timeoutKind,
      Counters counters,
      Ticker ticker) {
    this.connector = connector;
    this.edits = edits;
    this.log = log;
    this.timeoutKind = timeoutKind;
    this.counters = counters;
    this.ticker = ticker;
  }

  /// Begins the walk over the plan's candidates.
  ///
  /// The first attempt may fail before this returns: then the downstream has had its fault already,
  /// and the exchange that is returned takes calls and ignores them.
  ///
  /// @param end no request body follows
  /// @param loop the downstream's event loop, where all of the exchange lives
  public Exchange begin(Downstream downstream, Plan.Forward plan, boolean end, EventLoop loop) {
    LiveExchanges live = ofLoop.get();
    if (live == null) {
      live = new LiveExchanges(loop, counters.cell(loop), ticker);
      ofLoop.set(live);
    }
    Exchange exchange = new Exchange(this, live, downstream, plan, end);
    live.begun(exchange);
    exchange.open(null);
    return exchange;
  }

  /// Begins an exchange that waits until somebody can take it: it is planned anew every 50 ms while
  /// it waits, and ends with `otherwise` when its time is over or too many wait already. What the
  /// plan made anew answers goes out as it is, without edits.
  ///
  /// The request's body is held back by its downstream's window. It may have ended before this
  /// returns, as above.
  ///
  /// @param end no request body follows
  /// @param loop the downstream's event loop, where all of the exchange lives
  public Exchange begin(Downstream downstream, Plan.Await wait, boolean end, EventLoop loop) {
    downstream.sendFault(wait.otherwise());
    return null;
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
    return edits;
  }

  ExchangeLog log() {
    return log;
  }

  FaultKind timeoutKind() {
    return timeoutKind;
  }

  Ticker ticker() {
    return ticker;
  }
}
