package anycast.ctl.supervise;

import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// The way to the supervisor's thread.
///
/// **Threading.** Any thread puts, one takes. **Limits.** [#CAPACITY]; who finds it full waits: a
/// service that floods its socket holds up its own reader, and then itself.
final class EventQueue {
  /// 64 services with some beats each.
  private static final int CAPACITY = 1024;

  private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(CAPACITY);

  /// Waits for room.
  void put(Event event) {
    boolean interrupted = false;
    while (true) {
      try {
        queue.put(event);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return false = there is no room
  boolean offer(Event event) {
    return queue.offer(event);
  }

  /// Empty = nothing came.
  Optional<Event> take(long waitNanos) throws InterruptedException {
    return Optional.ofNullable(queue.poll(waitNanos, TimeUnit.NANOSECONDS));
  }
}
