package anycast.routing.admission;

import anycast.routing.model.Entity;
import java.time.Duration;

/// Rows that do harm version after version: who generates rows writes the same mistake with other
/// words each time, and each would stall a fleet once. From the second on each further version
/// waits.
///
/// **Threading.** Its owner's.
record Repeats(Book book) {
  /// Versions that did harm in force: one is a mistake.
  static final int HARM = 2;

  /// For the first that waits; twice as long for each further one.
  private static final Duration WAIT = Duration.ofMinutes(1);

  /// An hour.
  private static final int MOST_DOUBLINGS = 6;

  boolean holds(Entity.Key key) {
    return book.harmful(key) >= HARM;
  }

  Duration wait(Entity.Key key) {
    int doublings = Math.clamp(book.harmful(key) - HARM, 0, MOST_DOUBLINGS);
    return WAIT.multipliedBy(1L << doublings);
  }
}
