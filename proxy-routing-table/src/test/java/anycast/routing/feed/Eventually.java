package anycast.routing.feed;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// A lock with "wait until": whoever changes something calls [#changed].
public final class Eventually {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final ReentrantLock guard = new ReentrantLock();
  private final Condition changed = guard.newCondition();

  public void changed(Runnable change) {
    guard.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      guard.unlock();
    }
  }

  public void await(String what, BooleanSupplier condition) throws InterruptedException {
    await(what, DEADLINE, condition);
  }

  public void await(String what, Duration deadline, BooleanSupplier condition)
      throws InterruptedException {
    guard.lock();
    try {
      long left = deadline.toNanos();
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError("within " + deadline + " not: " + what);
        }
        // what is not told by changed() is looked at again a little later
        long step = TimeUnit.MILLISECONDS.toNanos(20);
        left -= Math.min(left, step) - Math.max(0, changed.awaitNanos(Math.min(left, step)));
      }
    } finally {
      guard.unlock();
    }
  }
}
