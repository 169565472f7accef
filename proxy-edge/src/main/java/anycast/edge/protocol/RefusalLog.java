package anycast.edge.protocol;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.LogRate;
import anycast.routing.time.Ticker;
import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notes malformed requests: counts all, logs a few a second, so that whoever sends garbage cannot
/// fill the disk. One line each, without a stack trace; a fault's detail holds no client bytes, so
/// no line can be forged.
///
/// **Threading.** Any thread.
public final class RefusalLog {
  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);

  private final CounterCell counters;
  private final Ticker ticker;
  private final LogRate lines;

  /// @param counters a cell that any thread may add to
  /// @param linesPerSecond lines that one second may take; the rest is only counted
  public RefusalLog(CounterCell counters, Ticker ticker, int linesPerSecond) {
    this.counters = counters;
    this.ticker = ticker;
    this.lines = new LogRate(linesPerSecond);
  }

  public void onRefused(SocketAddress client, Fault fault) {
    counters.add(Counter.REQUESTS_MALFORMED);
    if (lines.permits(ticker.nanos())) {
      LOG.info(
          "refused {} {} from {}: {}",
          fault.kind().status(),
          fault.kind().code(),
          client,
          fault.detail().isEmpty() ? fault.kind().sentence() : fault.detail());
    }
  }
}
