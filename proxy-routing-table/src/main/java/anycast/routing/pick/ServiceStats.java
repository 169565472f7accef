package anycast.routing.pick;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What this process remembers of the requests to one service or target group: the budget of its
/// retries and its recent latencies. One object, shared by all versions.
///
/// The budget looks at the last [#WINDOW_SECONDS]: of the requests that began in them a share may
/// be tried again, and beside this share a few a second, so that a quiet service has retries too.
/// Each second has a slot; a slot is one number, the second that it belongs to above the count, so
/// that emptying an old slot and counting into it is one compare-and-set.
///
/// ```
///   requests  │ s-9 │ … │ s-1 │  s  │   sum × percent ≥ retries by share: the share has one left
///   by share  │ s-9 │ … │ s-1 │  s  │
///   beside    └─────────────  │  s  │   count < perSecond: this second has one left
/// ```
///
/// **Threading.** Any event loop; nothing waits. Requests are one atomic add; a retry is taken by
/// compare-and-set, so the loops together take no more than what is there. **Limits.** At the turn
/// of a second a request may be counted into the wrong one.
public final class ServiceStats {
  /// Long enough that a service with one request a second has a share; short enough that a retry
  /// storm does not live on what a quiet hour saved up.
  static final int WINDOW_SECONDS = 10;

  /// A service of whose requests nothing is remembered: there is nobody to try them with again.
  public static final ServiceStats NONE = new ServiceStats(false);

  private static final long SECOND_NANOS = 1_000_000_000L;

  /// A power of two, so that the numbers of seconds may turn over.
  private static final int SLOTS = 16;

  private static final int REQUESTS = 0;
  private static final int BY_SHARE = SLOTS;
  private static final int BESIDE = 2 * SLOTS;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle LATENCIES;

  static {
    try {
      LATENCIES =
          MethodHandles.lookup()
              .findVarHandle(ServiceStats.class, "latencies", LatencyHistogram.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final boolean counting;
  private final long[] slots;

  /// Null until somebody asks for a quantile: most services never hedge.
  private volatile LatencyHistogram latencies;

  public ServiceStats() {
    this(true);
  }

  private ServiceStats(boolean counting) {
    this.counting = counting;
    this.slots = new long[counting ? BESIDE + 1 : 0];
  }

  /// A request begins: it earns its share of a retry.
  public void onRequest(long nowNanos) {
    if (counting) {
      int second = second(nowNanos);
      count(REQUESTS + (second & SLOTS - 1), second);
    }
  }

  /// Takes a retry or hedge out of the budget.
  ///
  /// @param percent of the requests that may be retries
  /// @param perSecond retries beside this share
  /// @return false where the budget is used up
  public boolean tryRetry(int percent, int perSecond, long nowNanos) {
    if (!counting) {
      return true;
    }
    int second = second(nowNanos);
    long share = sum(REQUESTS, second) * percent / 100;
    int here = BY_SHARE + (second & SLOTS - 1);
    while (true) {
      long seen = slot(here);
      if (sum(BY_SHARE, second) >= share) {
        return takeUpTo(BESIDE, second, perSecond);
      }
      if (SLOT.compareAndSet(slots, here, seen, next(seen, second))) {
        return true;
      }
    }
  }

  /// A request was answered after this time, to the head of the response.
  public void onLatency(long nanos) {
    LatencyHistogram known = latencies;
    if (known != null) {
      known.add(nanos);
    }
  }

  /// The latency below which this share of the recent answers were; -1 while too few are known.
  /// Recent are the last thousand or so; they are counted from the first question on.
  ///
  /// @param quantilePercent 1 to 99
  public long latencyNanos(int quantilePercent) {
    LatencyHistogram known = latencies;
    if (known == null) {
      if (counting) {
        LATENCIES.compareAndSet(this, null, new LatencyHistogram());
      }
      return -1;
    }
    return known.quantile(quantilePercent);
  }

  private boolean takeUpTo(int at, int second, int limit) {
    while (true) {
      long seen = slot(at);
      if (countIn(seen, second) >= limit) {
        return false;
      }
      if (SLOT.compareAndSet(slots, at, seen, next(seen, second))) {
        return true;
      }
    }
  }

  private void count(int at, int second) {
    while (true) {
      long seen = slot(at);
      if (secondOf(seen) == second) {
        SLOT.getAndAdd(slots, at, 1L);
        return;
      }
      if (SLOT.compareAndSet(slots, at, seen, next(seen, second))) {
        return;
      }
    }
  }

  /// Counts of the window that ends with this second.
  private long sum(int from, int second) {
    long sum = 0;
    for (int i = 0; i < SLOTS; i++) {
      long seen = slot(from + i);
      // The difference is right across the turn of the numbers, too; a slot that was never used
      // holds the count 0.
      int age = second - secondOf(seen);
      sum += age >= 0 && age < WINDOW_SECONDS ? seen & 0xffff_ffffL : 0;
    }
    return sum;
  }

  private long slot(int at) {
    return (long) SLOT.getVolatile(slots, at);
  }

  private static long countIn(long slot, int second) {
    return secondOf(slot) == second ? slot & 0xffff_ffffL : 0;
  }

  private static long next(long slot, int second) {
    return (long) second << 32 | countIn(slot, second) + 1;
  }

  private static int secondOf(long slot) {
    return (int) (slot >>> 32);
  }

  private static int second(long nowNanos) {
    return (int) Math.floorDiv(nowNanos, SECOND_NANOS);
  }
}
