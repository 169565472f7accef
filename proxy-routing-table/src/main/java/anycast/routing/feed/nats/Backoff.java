package anycast.routing.feed.nats;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// How long to wait before the next try: doubling, and anywhere in the upper half of that, so that
/// a fleet that lost its server in one second does not come back in one second.
///
/// **Threading.** One thread's.
final class Backoff {
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /// Rare enough that a dead cluster costs nothing.
  static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(5);

  private long mostNanos = FIRST_NANOS;

  long nextNanos() {
    long most = mostNanos;
    mostNanos = Math.min(LONGEST_NANOS, most * 2);
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
  }

  void reset() {
    mostNanos = FIRST_NANOS;
  }
}
