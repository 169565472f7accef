package anycast.routing.feed;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next try: doubling, and anywhere in the upper half of that, so that
/// a fleet that lost its agent in the same second does not come back in the same second.
///
/// **Threading.** One stream's.
public final class Backoff {
  /// Soon enough that a restarted agent is not missed.
  private static final Duration FIRST = Duration.ofMillis(100);

  /// Rare enough that a dead agent costs nothing.
  public static final Duration LONGEST = Duration.ofSeconds(5);

  private final RandomGenerator random;
  private long nextNanos = FIRST.toNanos();

  public Backoff(RandomGenerator random) {
    this.random = random;
  }

  /// The next wait, in nanoseconds.
  public long nextNanos() {
    long most = nextNanos;
    nextNanos = Math.min(LONGEST.toNanos(), most * 2);
    return jittered(most);
  }

  /// As short a wait as there is, in nanoseconds; those after it are as long as they were.
  public long firstNanos() {
    return jittered(FIRST.toNanos());
  }

  private long jittered(long most) {
    return most / 2 + random.nextLong(most / 2 + 1);
  }

  public void reset() {
    nextNanos = FIRST.toNanos();
  }
}
