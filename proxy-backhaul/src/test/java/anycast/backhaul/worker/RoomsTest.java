package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RoomsTest {
  private final EventLoop home = new DefaultEventLoop();
  private final List<EventLoop> others = List.of(new DefaultEventLoop(), new DefaultEventLoop());

  @AfterEach
  void stop() {
    home.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    others.forEach(loop -> loop.shutdownGracefully(0, 0, TimeUnit.SECONDS));
  }

  private static Candidate candidate() {
    Instance instance = Chain.instance(1, Instance.State.STARTED);
    Node none = null;
    return new Candidate(instance, null, none, new Load());
  }

  /// Everything that happened, in order.
  private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

  private final class Waiting implements Rooms.Waiter {
    private final Room room;
    private final String app;
    private final String name;
    private final int length;

    Waiting(Room room, String app, String name, int length) {
      this.room = room;
      this.app = app;
      this.name = name;
      this.length = length;
    }

    @Override
    public Room room() {
      return room;
    }

    @Override
    public AppId app() {
      return new AppId(app);
    }

    @Override
    public Object host() {
      return name.substring(0, 1);
    }

    @Override
    public int limit() {
      return 1;
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public EventLoop loop() {
      return others.getFirst();
    }

    @Override
    public void onAdmitted() {
      told.add("in " + name);
    }

    @Override
    public void onRefused() {
      told.add("refused " + name);
    }
  }

  private String next() throws InterruptedException {
    String next = told.poll(30, TimeUnit.SECONDS);
    return next == null ? "nothing" : next;
  }

  /// What was offered has been done.
  private void settle() {
    home.submit(() -> {}).syncUninterruptibly();
  }

  @Test
  void whoLeavesLetsTheNextIn() throws Exception {
    Rooms rooms = new Rooms(home);
    Room room = rooms.of(candidate());
    assertTrue(room.tryEnter(1));
    for (String name : List.of("a1", "a2", "b1")) {
      rooms.offerWait(new Waiting(room, "app", name, 10));
    }
    settle();

    rooms.leave(room);
    assertEquals("in a1", next());
    rooms.leave(room);
    assertEquals("in b1", next());
    rooms.leave(room);
    assertEquals("in a2", next());
    rooms.leave(room);

    assertEquals(0, room.inFlight());
    assertEquals(0, room.waiting());
  }

  @Test
  void nobodyOvertakesWhoWaits() throws Exception {
    Rooms rooms = new Rooms(home);
    Room room = rooms.of(candidate());
    assertTrue(room.tryEnter(1));
    CountDownLatch held = new CountDownLatch(1);
    home.execute(() -> {
      try {
        held.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    rooms.offerWait(new Waiting(room, "app", "a1", 10));
    rooms.leave(room);

    assertFalse(room.tryEnter(1), "the place is for the one who waits");
    held.countDown();
    assertEquals("in a1", next());
  }

  @Test
  void whoGaveUpIsNotLetIn() throws Exception {
    Rooms rooms = new Rooms(home);
    Room room = rooms.of(candidate());
    assertTrue(room.tryEnter(1));
    Waiting gone = new Waiting(room, "app", "a1", 10);
    rooms.offerWait(gone);
    rooms.offerWait(new Waiting(room, "app", "a2", 10));
    rooms.offerGone(gone);
    settle();

    rooms.leave(room);

    assertEquals("in a2", next());
    assertEquals(0, room.waiting());
  }

  @Test
  void aLineThatIsTooLongLosesTheNewestOfTheHostWithMost() throws Exception {
    Rooms rooms = new Rooms(home);
    Room room = rooms.of(candidate());
    assertTrue(room.tryEnter(1));
    for (String name : List.of("a1", "a2", "a3", "b1", "b2", "b3")) {
      rooms.offerWait(new Waiting(room, "app", name, 3));
    }

    assertEquals("refused a3", next());
    assertEquals("refused b2", next());
    assertEquals("refused b3", next());
  }

  @Test
  void theAppThatHoldsMostOfTheProcessGivesWay() throws Exception {
    Rooms rooms = new Rooms(home, 3);
    Room greedy = rooms.of(candidate());
    Candidate one = candidate();
    Instance other =
        new Instance(
            new InstanceId("other-1"),
            new AppId("other"),
            Chain.WORKER,
            one.instance().region(),
            "127.0.0.1",
            1,
            Instance.State.STARTED,
            java.util.Map.of(),
            1);
    Node none = null;
    Room modest = rooms.of(new Candidate(other, null, none, new Load()));
    assertTrue(greedy.tryEnter(1));
    assertTrue(modest.tryEnter(1));
    for (String name : List.of("a1", "a2", "a3")) {
      rooms.offerWait(new Waiting(greedy, "greedy", name, 10));
    }
    rooms.offerWait(new Waiting(modest, "modest", "m1", 10));
    rooms.offerWait(new Waiting(greedy, "greedy", "a4", 10));

    assertEquals("refused a3", next());
    assertEquals("refused a4", next());
    rooms.leave(modest);
    assertEquals("in m1", next());
  }

  /// Everybody gets in, never more at once than there is room for, whatever loops do meanwhile.
  @Test
  void noWakeUpIsLost() throws Exception {
    Rooms rooms = new Rooms(home, Integer.MAX_VALUE);
    Room room = rooms.of(candidate());
    int limit = 3;
    int many = 20_000;
    AtomicInteger most = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      EventLoop loop = others.get(i % others.size());
      CompletableFuture<Void> done = new CompletableFuture<>();
      all.add(done);
      Visitor visitor = new Visitor(rooms, room, limit, loop, most, inside, done);
      loop.execute(visitor::begin);
    }

    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);

    assertTrue(most.get() <= limit, () -> most + " at once");
    assertEquals(0, room.inFlight());
    assertEquals(0, room.waiting());
  }

  private record Visitor(
      Rooms rooms,
      Room room,
      int limit,
      EventLoop loop,
      AtomicInteger most,
      AtomicInteger inside,
      CompletableFuture<Void> done)
      implements Rooms.Waiter {
    void begin() {
      if (room.tryEnter(limit)) {
        onAdmitted();
      } else {
        rooms.offerWait(this);
      }
    }

    @Override
    public AppId app() {
      return new AppId("app");
    }

    @Override
    public Object host() {
      return "host";
    }

    @Override
    public int length() {
      return Integer.MAX_VALUE;
    }

    @Override
    public void onAdmitted() {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      loop.execute(() -> {
        inside.decrementAndGet();
        rooms.leave(room);
        done.complete(null);
      });
    }

    @Override
    public void onRefused() {
      done.completeExceptionally(new AssertionError("refused"));
    }
  }
}
