package anycast.backhaul.watchdog;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The end of threads whose owner closes: they were told to end, and may be parked.
final class ThreadEnd {
  /// What they do between two parks takes milliseconds; one that hangs is a daemon and left.
  private static final long MOST_MILLIS = 1_000;

  private ThreadEnd() {}

  /// Wakes them, and waits a second for each.
  static void await(List<Thread> threads) {
    threads.forEach(LockSupport::unpark);
    try {
      for (Thread thread : threads) {
        thread.join(MOST_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
