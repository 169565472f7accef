package anycast.backhaul.runtime;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work that a loop does again and again.
///
/// Netty drops a periodic task at its first exception and says nothing: from then on links would go
/// unwatched and idle connections unclosed, until the next restart. Here the exception is logged
/// and the next turn comes.
///
/// **Threading.** The task is confined to the loop.
public final class Recurring {
  private static final Logger LOG = LoggerFactory.getLogger(Recurring.class);

  private Recurring() {}

  /// Runs `task` every `periodNanos`, first after one period, until the result is cancelled.
  public static Future<?> every(EventLoop loop, long periodNanos, Runnable task) {
    return loop.scheduleWithFixedDelay(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.error("a periodic task failed and goes on", e);
          }
        },
        periodNanos,
        periodNanos,
        TimeUnit.NANOSECONDS);
  }
}
