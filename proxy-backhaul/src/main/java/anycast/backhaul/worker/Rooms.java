package anycast.backhaul.worker;

import anycast.routing.model.AppId;
import anycast.routing.model.InstanceId;
import anycast.routing.pick.Candidate;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// All instances' rooms, and those who wait for one.
///
/// Who waits is kept on one loop, the home: so the order is one, the bound of the process is one,
/// and nobody locks. Only a full service pays for it, two commands a request.
///
/// ```
///   a loop                       home
///   full ── onWait ────────────► in line of its room ── place free ──► waiter's onAdmitted
///   ended ─ onRoom ────────────► next in line           line too long ► somebody's onRefused
///   gave up ─ onGone ──────────► out of line
/// ```
///
/// **Threading.** [#of], [#leave] and the offers from any loop; methods named `on…` on the home.
/// **Limits.** [#MAX_WAITING], and a length that each waiter brings from its service.
final class Rooms {
  /// A request that waits holds some 4 KiB, and up to 64 KiB of body: 16 MiB to 256 MiB.
  static final int MAX_WAITING = 4096;

  /// A request that waits for room.
  interface Waiter {
    Room room();

    AppId app();

    /// By which requests to one instance take turns: the name that the client asked for.
    Object host();

    /// The service's hard limit.
    int limit();

    /// How many may wait for the room together.
    int length();

    /// The loop that its callbacks run on.
    EventLoop loop();

    /// A place is taken for it. Whoever has given up meanwhile gives it back.
    void onAdmitted();

    /// The line is too long.
    void onRefused();
  }

  private final EventLoop home;
  private final int maxWaiting;
  private final AtomicReference<Map<InstanceId, Room>> rooms = new AtomicReference<>(Map.of());

  // The home's.
  private final Map<Room, FairLine<Object, Waiter>> lines = new HashMap<>();
  private final FairLine<AppId, Waiter> all = new FairLine<>();

  Rooms(EventLoop home) {
    this(home, MAX_WAITING);
  }

  Rooms(EventLoop home, int maxWaiting) {
    this.home = home;
    this.maxWaiting = maxWaiting;
  }

  /// The instance's room; made where it has none. Copied on write: instances come rarely.
  Room of(Candidate candidate) {
    InstanceId id = candidate.instance().id();
    while (true) {
      Map<InstanceId, Room> now = rooms.get();
      Room room = now.get(id);
      if (room != null && room.load() == candidate.load()) {
        return room;
      }
      Map<InstanceId, Room> next = new HashMap<>(now);
      Room made = new Room(id, candidate.load());
      next.put(id, made);
      if (rooms.compareAndSet(now, next)) {
        return made;
      }
    }
  }

  /// @return null where nothing was asked of it yet
  Room find(InstanceId instance) {
    return rooms.get().get(instance);
  }

  void each(Consumer<Room> each) {
    rooms.get().values().forEach(each);
  }

  /// Forgets those that nobody is in and that are not kept.
  void keep(Predicate<InstanceId> kept) {
    Map<InstanceId, Room> now = rooms.get();
    Map<InstanceId, Room> next = new HashMap<>(now);
    next.values()
        .removeIf(
            room -> !kept.test(room.instance()) && room.inFlight() == 0 && room.waiting() == 0);
    if (next.size() < now.size()) {
      // one that came meanwhile: the next time
      rooms.compareAndSet(now, next);
    }
  }

  /// Gets in line; [Waiter#onAdmitted] or [Waiter#onRefused] comes, also after it gave up.
  void offerWait(Waiter waiter) {
    waiter.room().waits();
    home.execute(() -> onWait(waiter));
  }

  /// Gives up.
  void offerGone(Waiter waiter) {
    home.execute(() -> onGone(waiter));
  }

  /// Out of the room.
  void leave(Room room) {
    if (room.leave()) {
      home.execute(() -> onRoom(room));
    }
  }

  private void onWait(Waiter waiter) {
    FairLine<Object, Waiter> line = lines.computeIfAbsent(waiter.room(), _ -> new FairLine<>());
    line.add(waiter.host(), waiter);
    all.add(waiter.app(), waiter);
    onRoom(waiter.room());
    if (line.size() > waiter.length()) {
      refuse(line.giver(waiter.host()));
    }
    if (all.size() > maxWaiting) {
      refuse(all.giver(waiter.app()));
    }
  }

  private void onRoom(Room room) {
    FairLine<Object, Waiter> line = lines.get(room);
    while (line != null && !line.isEmpty() && room.tryAdmit(line.first().limit())) {
      Waiter waiter = line.first();
      line.next();
      all.remove(waiter.app(), waiter);
      leftLine(waiter, line);
      waiter.loop().execute(waiter::onAdmitted);
    }
  }

  private void onGone(Waiter waiter) {
    FairLine<Object, Waiter> line = lines.get(waiter.room());
    if (line != null && line.remove(waiter.host(), waiter)) {
      all.remove(waiter.app(), waiter);
      leftLine(waiter, line);
    }
  }

  private void refuse(Waiter waiter) {
    FairLine<Object, Waiter> line = lines.get(waiter.room());
    line.remove(waiter.host(), waiter);
    all.remove(waiter.app(), waiter);
    leftLine(waiter, line);
    waiter.loop().execute(waiter::onRefused);
  }

  private void leftLine(Waiter waiter, FairLine<Object, Waiter> line) {
    waiter.room().waitsNoMore();
    if (line.isEmpty()) {
      lines.remove(waiter.room());
    }
  }
}
