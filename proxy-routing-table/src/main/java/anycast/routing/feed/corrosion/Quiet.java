package anycast.routing.feed.corrosion;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long a live stream may say nothing before it is renewed.
///
/// **Threading.** One stream's.
final class Quiet {
  /// A request a minute and stream is nothing to an agent. Beats tell of whole agents sooner, but
  /// they come on a connection of their own: this is how late a change may be where one connection
  /// alone was lost.
  static final Duration USUAL = Duration.ofSeconds(60);

  /// Streams of many proxies that were opened together do not stay together.
  static final double JITTER = 0.2;

  /// A snapshot that may be taken again each minute: about 50 kB.
  static final int SMALL_ROWS = 500;

  private static final long FOREVER_NANOS = Long.MAX_VALUE / 2;

  private final RandomGenerator random;
  private double factor = 1;
  private int rows;

  Quiet(RandomGenerator random) {
    this.random = random;
  }

  void onSnapshotBegun() {
    rows = 0;
  }

  void onRow() {
    rows++;
  }

  void onLive() {
    factor = 1 + JITTER * (2 * random.nextDouble() - 1);
  }

  /// @param usual give or take the jitter
  /// @param resumable whether nothing would have to be sent again
  long patienceNanos(Duration usual, boolean resumable) {
    return resumable || rows <= SMALL_ROWS ? (long) (usual.toNanos() * factor) : FOREVER_NANOS;
  }
}
