package anycast.backhaul.runtime;

import java.util.concurrent.atomic.AtomicLong;

/// Bounds how many lines strangers can make us log: some a second, whatever they send.
///
/// **Threading.** Any thread; a race may let a line more or less through.
public final class LogRate {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final int linesPerSecond;
  private final AtomicLong second = new AtomicLong(Long.MIN_VALUE);
  private final AtomicLong lines = new AtomicLong();

  public LogRate(int linesPerSecond) {
    this.linesPerSecond = linesPerSecond;
  }

  /// Whether one more line may be written.
  public boolean permits(long nowNanos) {
    long now = Math.floorDiv(nowNanos, SECOND_NANOS);
    long seen = second.get();
    if (seen != now && second.compareAndSet(seen, now)) {
      lines.set(0);
    }
    return lines.incrementAndGet() <= linesPerSecond;
  }
}
