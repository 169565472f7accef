package anycast.backhaul.watchdog;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Whether this process collects garbage rather than works: whatever a thread is at takes long
/// then.
///
/// **Threading.** The watchdog's; allocates nothing.
final class Collector {
  /// Lately: long enough that one full collection of a large heap is not most of it.
  private static final double LATELY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final GarbageCollectorMXBean[] ALL =
      ManagementFactory.getGarbageCollectorMXBeans().toArray(GarbageCollectorMXBean[]::new);

  private final LongSupplier collectedMillis;
  private long lookedNanos;
  private long seenMillis;
  private double share;

  /// @param collectedMillis since the process began
  Collector(LongSupplier collectedMillis, long nowNanos) {
    this.collectedMillis = collectedMillis;
    this.lookedNanos = nowNanos;
    this.seenMillis = collectedMillis.getAsLong();
  }

  /// That of this process.
  static Collector own(long nowNanos) {
    return new Collector(Collector::millis, nowNanos);
  }

  private static long millis() {
    long millis = 0;
    for (GarbageCollectorMXBean each : ALL) {
      millis += Math.max(0, each.getCollectionTime());
    }
    return millis;
  }

  /// Looks, and says whether it ran most of the time lately.
  boolean runsMostly(long nowNanos) {
    double elapsed = nowNanos - lookedNanos;
    if (elapsed > 0) {
      long millis = collectedMillis.getAsLong();
      double ran = Math.min(1, TimeUnit.MILLISECONDS.toNanos(millis - seenMillis) / elapsed);
      share += (ran - share) * Math.min(1, elapsed / LATELY_NANOS);
      seenMillis = millis;
      lookedNanos = nowNanos;
    }
    return share > 0.5;
  }
}
