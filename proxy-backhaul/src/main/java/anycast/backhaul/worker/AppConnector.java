package anycast.backhaul.worker;

import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Connector;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.link.PerLoop;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.routing.pick.Candidate;
import java.util.function.LongSupplier;

/// The worker's way to an instance: a place in its room, and a connection to the app.
///
/// **Threading.** On one of the loops given to the constructor, except [#drain]. **Limits.** Exact:
/// one more exchange than the service's hard limit is never begun, whichever loop asks.
public final class AppConnector implements Connector {
  private final EventLoops loops;
  private final PerLoop<AppPools> pools;
  private final Rooms rooms;

  /// Set once, by whoever starts the listener for links.
  private volatile LongSupplier waiting = () -> 0;

  public AppConnector(EventLoops loops, Counters counters) {
    this.loops = loops;
    this.rooms = new Rooms(loops.loops().getFirst());
    this.pools =
        new PerLoop<>(loops.loops(), loop -> new AppPools(loop, loops, this::heldBytes, counters));
  }

  /// Tells where responses wait, so that apps are not read faster than edges take.
  ///
  /// @param bytes asked on an event loop for what waits there
  public void follow(LongSupplier bytes) {
    waiting = bytes;
  }

  private long heldBytes() {
    return waiting.getAsLong();
  }

  /// Who has places, and who waits for one.
  Rooms rooms() {
    return rooms;
  }

  /// The attempt itself takes a place when there is one, and gives it back.
  @Override
  public boolean reserve(Candidate candidate) {
    return true;
  }

  @Override
  public void release(Candidate candidate) {}

  @Override
  public Upstream open(Attempt attempt, UpstreamEvents events) {
    AppAttempt made = new AppAttempt(pools.mine(), rooms, attempt, events);
    made.begin();
    return made;
  }

  /// A connection stands before the first byte leaves, and there is no second candidate.
  @Override
  public int replayBytes() {
    return 0;
  }

  /// Closes connections that carry nothing.
  public void drain() {
    for (int i = 0; i < loops.loops().size(); i++) {
      AppPools mine = pools.each().get(i);
      loops.loops().get(i).execute(mine::onDrain);
    }
  }
}
