package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InboxTest {
  private static final FeedId FEED = new FeedId("state", Table.VIRTUAL_SERVICES);
  private static final long NOW = 0;

  private final Inbox inbox = new Inbox();

  /// A source that writes documents faster than they are read is held up, and loses none.
  @Test
  void sourceWaitsWhileDocumentsFillTheRoom() throws Exception {
    int documents = 20;
    int chars = Inbox.MAX_CHARS / 4 - "name".length();
    AtomicInteger put = new AtomicInteger();
    CompletableFuture<Void> over = new CompletableFuture<>();
    Thread source =
        Thread.ofPlatform()
            .daemon(true)
            .start(() -> {
              try {
                for (int i = 0; i < documents; i++) {
                  inbox.put(document(i, chars));
                  put.incrementAndGet();
                }
                over.complete(null);
              } catch (InterruptedException e) {
                over.completeExceptionally(e);
              }
            });
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (source.getState() != Thread.State.WAITING && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertEquals(4, put.get());
    List<Arrival> all = new ArrayList<>();
    while (all.size() < documents && System.nanoTime() < deadline) {
      inbox.take(all, TimeUnit.SECONDS.toNanos(1));
    }
    over.get(30, TimeUnit.SECONDS);
    for (int i = 0; i < documents; i++) {
      assertEquals(i, ((SourceEvent.Changed) all.get(i).event()).position());
    }
  }

  @Test
  void documentThatIsLargerThanTheRoomGoesThroughAlone() throws Exception {
    inbox.put(document(1, 2 * Inbox.MAX_CHARS));
    assertEquals(1, taken().size());
    inbox.put(document(2, 2 * Inbox.MAX_CHARS));
    assertEquals(1, taken().size());
  }

  @Test
  void batchEndsWhereItsDocumentsAreEnough() throws Exception {
    for (int i = 0; i < 10; i++) {
      inbox.put(document(i, Inbox.BATCH_CHARS / 3 + 1));
    }
    assertEquals(List.of(3, 3, 3, 1, 0), sizes(5));
  }

  @Test
  void changesOfOneTransactionAreWeighedTogether() throws Exception {
    for (int i = 0; i < 4; i++) {
      List<SourceEvent.Changed> changes = new ArrayList<>();
      for (int j = 0; j < 2; j++) {
        changes.add((SourceEvent.Changed) document(2 * i + j, Inbox.BATCH_CHARS / 3).event());
      }
      inbox.put(new Arrival(FEED, new SourceEvent.Together(Table.VIRTUAL_SERVICES, changes)));
    }
    assertEquals(List.of(2, 2, 0), sizes(3));
  }

  @Test
  void smallEventsComeByTheHundred() throws Exception {
    for (int i = 0; i < 700; i++) {
      inbox.put(document(i, 1_000));
    }
    assertEquals(List.of(512, 188, 0), sizes(3));
  }

  @Test
  void wakingEndsTheWaitAndIsNoEvent() throws Exception {
    inbox.wake();
    List<Arrival> batch = new ArrayList<>();
    inbox.take(batch, TimeUnit.DAYS.toNanos(1));
    assertTrue(batch.isEmpty());
  }

  private List<Integer> sizes(int batches) throws InterruptedException {
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      sizes.add(taken().size());
    }
    return sizes;
  }

  private List<Arrival> taken() throws InterruptedException {
    List<Arrival> batch = new ArrayList<>();
    inbox.take(batch, NOW);
    return batch;
  }

  private static Arrival document(long position, int chars) {
    Cells cells = new Cells.Values(List.of("name", "d".repeat(chars), 1L));
    return new Arrival(
        FEED,
        new SourceEvent.Changed(
            Table.VIRTUAL_SERVICES, SourceEvent.Kind.UPDATE, 7, cells, position));
  }
}
