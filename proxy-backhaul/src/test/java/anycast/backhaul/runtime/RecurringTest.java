package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RecurringTest {
  @Test
  void goesOnAfterAnExceptionUntilCancelled() {
    EmbeddedChannel channel = new EmbeddedChannel();
    AtomicInteger turns = new AtomicInteger();
    Future<?> task =
        Recurring.every(
            channel.eventLoop(),
            1_000,
            () -> {
              turns.incrementAndGet();
              throw new IllegalStateException("as planned by this test");
            });
    for (int i = 0; i < 3; i++) {
      channel.advanceTimeBy(1_000, TimeUnit.NANOSECONDS);
      channel.runScheduledPendingTasks();
    }
    assertEquals(3, turns.get());
    task.cancel(false);
    channel.advanceTimeBy(5_000, TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    assertEquals(3, turns.get());
  }
}
