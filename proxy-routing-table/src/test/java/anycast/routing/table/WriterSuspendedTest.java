package anycast.routing.table;

import static anycast.routing.table.Rows.host;
import static anycast.routing.table.Rows.instance;
import static anycast.routing.table.Rows.node;
import static anycast.routing.table.Rows.owner;
import static anycast.routing.table.Rows.puts;
import static anycast.routing.table.Rows.removes;
import static anycast.routing.table.Rows.service;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.virtual.Origin;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The writer may stop anywhere, for ever: readers go on with the snapshot that they have.
class WriterSuspendedTest {
  private static final int READERS = 2;
  private static final int ROUNDS = 2_000;
  private static final long DEADLINE_SECONDS = 20;

  private final SynchronousQueue<SnapshotBuilder.Step> stoppedAt = new SynchronousQueue<>();
  private final Semaphore goOn = new Semaphore(0);

  private void stop(SnapshotBuilder.Step step) {
    try {
      stoppedAt.put(step);
      goOn.acquire();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the test is over", e);
    }
  }

  @Test
  void readersGoOnWhereverTheWriterStops() throws Exception {
    SnapshotBuilder plain = new SnapshotBuilder(Rows.SELF);
    RoutingTable table =
        new RoutingTable(
            plain.apply(
                plain.empty(),
                puts(
                    service("shop", "web", 443),
                    node("n1", "fra"),
                    host("shop.example.com", "shop"),
                    host("*.example.com", "shop"),
                    instance("i1", "shop", "n1"))));
    // All kinds of change at once, so that a half-made world would show in each question.
    List<Change> changes = new ArrayList<>();
    changes.addAll(removes(host("*.example.com", "shop"), node("n1", "fra")).changes());
    changes.addAll(
        puts(
                service("shop", "web", 80),
                host("new.example.com", "shop"),
                node("n2", "fra"),
                instance("i1", "shop", "n1", Instance.State.STOPPED, 2),
                instance("i2", "shop", "n2"))
            .changes());
    SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF, _ -> Origin.UNKNOWN, this::stop);
    Set<SnapshotBuilder.Step> seen = EnumSet.noneOf(SnapshotBuilder.Step.class);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Future<?> writer =
          threads.submit(() -> table.publish(builder.apply(table.current(), new Delta(changes))));
      int stops = changes.size() + SnapshotBuilder.Step.values().length - 1;
      for (int i = 0; i < stops; i++) {
        SnapshotBuilder.Step step = stoppedAt.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(step, "the writer did not come to step " + i);
        seen.add(step);
        List<Future<?>> readers = new ArrayList<>();
        for (int reader = 0; reader < READERS; reader++) {
          readers.add(threads.submit(() -> readTheOldWorld(table)));
        }
        for (Future<?> reader : readers) {
          reader.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
        goOn.release();
      }
      writer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
    assertEquals(EnumSet.allOf(SnapshotBuilder.Step.class), seen);
    readTheNewWorld(table.current());
  }

  private static void readTheOldWorld(RoutingTable table) {
    for (int i = 0; i < ROUNDS; i++) {
      RoutingSnapshot snapshot = table.current();
      assertEquals(1, snapshot.version());
      assertEquals("shop", owner(snapshot, "shop.example.com"));
      assertEquals("shop", owner(snapshot, "new.example.com"));
      AppRoute route = snapshot.app(new AppId("shop"));
      assertNull(route.service(80));
      PickResult result = route.service(443).picker().pick(PickRequest.of(3, 0, i));
      PickResult.Picked picked = (PickResult.Picked) result;
      assertEquals(1, picked.candidates().size());
      assertEquals(1, picked.candidates().getFirst().instance().generation());
      assertNull(snapshot.instance(new InstanceId("i2")));
      assertEquals(new RoutingSnapshot.Counts(0, 1, 2, 1, 1, 0, 0, 0, 0, 0), snapshot.counts());
    }
  }

  private static void readTheNewWorld(RoutingSnapshot snapshot) {
    assertEquals(2, snapshot.version());
    assertEquals("shop", owner(snapshot, "new.example.com"));
    assertNull(owner(snapshot, "other.example.com"));
    PickResult result =
        snapshot.app(new AppId("shop")).service(80).picker().pick(PickRequest.of(3, 0, 1));
    assertTrue(
        result instanceof PickResult.Picked picked
            && picked.candidates().getFirst().instance().id().value().equals("i2"));
  }
}
