package anycast.routing.sim;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/// A world's only source of randomness.
final class Chance {
  private final SplittableRandom random;

  Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  /// Another stream of chance, so that one part's draws do not shift another's.
  Chance split() {
    return new Chance(random.nextLong());
  }

  SplittableRandom random() {
    return random;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  boolean percent(int share) {
    return random.nextInt(100) < share;
  }

  long nanos(Duration least, Duration most) {
    return least.toNanos() + random.nextLong(most.toNanos() - least.toNanos() + 1);
  }

  /// Mostly near the least, seldom near the most: as delays are.
  long skewedNanos(Duration least, Duration most) {
    double share = random.nextDouble();
    return least.toNanos() + (long) ((most.toNanos() - least.toNanos()) * share * share * share);
  }

  <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
