package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SubscriberTest {
  private static LineBatch batch(int lines, int bytes) {
    return LineBatch.of(Collections.nCopies(lines, new byte[bytes]));
  }

  private static Subscriber subscriber(int lines, long bytes) {
    return new Subscriber(new Subscriber.Room(lines, bytes));
  }

  @Test
  void readerThatLagsByLinesIsCutOnceAndGetsNothingMore() throws Exception {
    AtomicInteger cuts = new AtomicInteger();
    Subscriber slow = subscriber(10_240, 8 << 20);
    slow.onCut(cuts::incrementAndGet);
    for (int i = 0; i < 10_240; i++) {
      assertTrue(slow.offer(batch(1, 10)));
    }
    assertFalse(slow.offer(batch(1, 10)));
    assertFalse(slow.offer(batch(1, 10)));
    assertTrue(slow.isCut());
    assertEquals(1, cuts.get());
    assertNull(slow.take());
  }

  @Test
  void readerThatLagsByBytesIsCut() {
    Subscriber slow = subscriber(10_240, 8 << 20);
    int taken = 0;
    while (slow.offer(batch(1, 100_000))) {
      taken++;
    }
    assertEquals(84, taken);
    assertTrue(slow.isCut());
  }

  @Test
  void oneBatchThatAloneIsLargerCutsNobodyWhoKeepsUp() throws Exception {
    Subscriber quick = subscriber(10, 1_000);
    for (int i = 0; i < 3; i++) {
      LineBatch large = batch(500, 100);
      assertTrue(quick.offer(large));
      assertSame(large, quick.take());
    }
  }

  @Test
  void whatWasOfferedIsDeliveredBeforeTheEnd() throws Exception {
    Subscriber subscriber = subscriber(10, 1_000);
    subscriber.offer(batch(1, 1));
    subscriber.finish();
    subscriber.end();
    assertFalse(subscriber.offer(batch(1, 1)));
    assertEquals(1, subscriber.take().lines());
    assertNull(subscriber.take());
    assertFalse(subscriber.isCut());
  }

  @Test
  void readerThatLeftGetsNothingMore() throws Exception {
    Subscriber subscriber = subscriber(10, 1_000);
    subscriber.offer(batch(1, 1));
    subscriber.end();
    assertNull(subscriber.take());
  }

  @Test
  void waitingReaderIsWoken() throws Exception {
    Subscriber subscriber = subscriber(10, 1_000);
    CompletableFuture<LineBatch> taken = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            taken.complete(subscriber.take());
          } catch (InterruptedException e) {
            taken.completeExceptionally(e);
          }
        });
    LineBatch batch = batch(1, 1);
    subscriber.offer(batch);
    assertSame(batch, taken.get(30, TimeUnit.SECONDS));
  }
}
