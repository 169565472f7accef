package anycast.edge.protocol;

import anycast.backhaul.fault.Fault;
import anycast.routing.time.Ticker;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notes malformed requests: counts all, logs a few a second, so that whoever sends garbage cannot
/// fill the disk. One line each, without a stack trace; a fault's detail holds no client bytes, so
/// no line can be forged.
///
/// **Threading.** Any thread; a race may let a line more or less through.
public final class RefusalLog {
  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Ticker ticker;
  private final int linesPerSecond;
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong secondStartNanos;
  private final AtomicLong linesThisSecond = new AtomicLong();

  /// @param linesPerSecond lines that one second may take; the rest is only counted
  public RefusalLog(Ticker ticker, int linesPerSecond) {
    this.ticker = ticker;
    this.linesPerSecond = linesPerSecond;
    this.secondStartNanos = new AtomicLong(ticker.nanos());
  }

  /// Refusals since the start.
  public long count() {
    return count.get();
  }

  public void onRefused(SocketAddress client, Fault fault) {
    long total = count.incrementAndGet();
    long now = ticker.nanos();
    long start = secondStartNanos.get();
    if (now - start >= SECOND_NANOS && secondStartNanos.compareAndSet(start, now)) {
      linesThisSecond.set(0);
    }
    if (linesThisSecond.incrementAndGet() <= linesPerSecond) {
      LOG.info(
          "refused {} {} from {}: {} ({} so far)",
          fault.kind().status(),
          fault.kind().code(),
          client,
          fault.detail().isEmpty() ? fault.kind().sentence() : fault.detail(),
          total);
    }
  }
}
