package anycast.routing.pick;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Recent latencies in buckets, eight to each doubling: a quantile is at most an eighth too high.
///
/// It forgets by count, not by clock: when [#FULL] are in, every bucket is halved, so the newest
/// thousand weigh as much as all before them together.
///
/// **Threading.** Any; an answer is two atomic adds. Who fills it up halves it, while others go on
/// adding. **Limits.** From 65 µs to 68 s; what is outside counts as the nearest.
final class LatencyHistogram {
  /// Two thousand say enough about a 99th percentile, and a busy service turns over in seconds.
  static final int FULL = 2048;

  /// Fewer say nothing about a tail.
  static final int ENOUGH = 100;

  private static final int SUB_BITS = 3;
  private static final int SUB = 1 << SUB_BITS;
  private static final int LOWEST_BIT = 16;
  private static final int HIGHEST_BIT = 36;
  private static final int BUCKETS = (HIGHEST_BIT - LOWEST_BIT) * SUB;

  /// Behind the buckets.
  private static final int TOTAL = BUCKETS;

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[].class);

  private final int[] cells = new int[BUCKETS + 1];

  void add(long nanos) {
    CELL.getAndAdd(cells, bucket(nanos), 1);
    int before = (int) CELL.getAndAdd(cells, TOTAL, 1);
    // Multiples, so that one who is held up while halving does not end the forgetting.
    if ((before + 1) % FULL == 0) {
      halve();
    }
  }

  private void halve() {
    int gone = 0;
    for (int i = 0; i < BUCKETS; i++) {
      int count = cell(i);
      while (!CELL.compareAndSet(cells, i, count, count - count / 2)) {
        count = cell(i);
      }
      gone += count / 2;
    }
    CELL.getAndAdd(cells, TOTAL, -gone);
  }

  /// The upper end of the bucket in which the quantile is; -1 while there are fewer than [#ENOUGH].
  long quantile(int percent) {
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += cell(i);
    }
    if (total < ENOUGH) {
      return -1;
    }
    long below = (total * percent + 99) / 100;
    long seen = 0;
    int last = 0;
    for (int i = 0; i < BUCKETS && seen < below; i++) {
      int count = cell(i);
      seen += count;
      last = count > 0 ? i : last;
    }
    return upperEnd(last);
  }

  private int cell(int at) {
    return (int) CELL.getOpaque(cells, at);
  }

  private static int bucket(long nanos) {
    if (nanos < 1L << LOWEST_BIT) {
      return 0;
    }
    int bit = 63 - Long.numberOfLeadingZeros(nanos);
    if (bit >= HIGHEST_BIT) {
      return BUCKETS - 1;
    }
    int sub = (int) (nanos >>> bit - SUB_BITS) & SUB - 1;
    return (bit - LOWEST_BIT) * SUB + sub;
  }

  private static long upperEnd(int bucket) {
    int bit = LOWEST_BIT + bucket / SUB;
    return (1L << bit) + (bucket % SUB + 1L << bit - SUB_BITS);
  }
}
