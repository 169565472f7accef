package anycast.routing.sim;

import anycast.routing.feed.Arrival;
import anycast.routing.feed.FeedCore;
import anycast.routing.feed.FeedId;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.Moment;
import anycast.routing.feed.Publication;
import anycast.routing.feed.Requests;
import anycast.routing.feed.SourceEvent;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One life of an edge's process, as far as its routing table goes: streams, the queue behind them,
/// the core, the table.
///
/// ```
///  Seat ──events──► [queue] ──batch──► FeedCore ──Delta──► SnapshotBuilder ──► RoutingTable
///    ▲                                    │
///    └──── resnapshot, reopen, a bit later ┘
/// ```
final class SimEdge {
  /// Less than the product's, so that readers feel a stall of the edge.
  private static final int QUEUED_EVENTS = 64;

  private static final Duration LEAST_BATCH = Duration.ofNanos(50_000);
  private static final Duration MOST_BATCH = Duration.ofMillis(40);
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Locality SELF = new Locality(new NodeId("e-1"), new RegionCode("fra"));

  private final World world;
  private final Chance chance;
  private final Witness witness;
  private final SnapshotBuilder builder = new SnapshotBuilder(SELF);
  private final RoutingTable table = new RoutingTable(builder.empty());
  private final Map<FeedId, Seat> seats = new LinkedHashMap<>();
  private final ArrayDeque<Arrival> queue = new ArrayDeque<>();
  private final Tamper tamper;
  private final FeedCore core;
  private boolean draining;
  private boolean stalled;
  private boolean dead;
  private long ownAudits;

  SimEdge(World world, Map<FeedId, List<URI>> feeds, FeedLimits limits) {
    this.world = world;
    this.chance = world.chance.split();
    this.witness = world.witness;
    this.tamper = new Tamper(world, chance.split());
    witness.onStart(table.current());
    core =
        new FeedCore(
            new ArrayList<>(feeds.keySet()),
            limits,
            this::publish,
            new Asked(),
            chance.split().random(),
            now());
    feeds.forEach((feed, agents) -> seats.put(feed, new Seat(world, this, feed, agents)));
  }

  /// Begins with what the disk kept, then asks the agents.
  void start(List<Entity> lastGood) {
    if (!lastGood.isEmpty()) {
      core.preload(lastGood, 1, now());
      witness.onPreloaded(table.current());
    }
    seats.values().forEach(Seat::walk);
    tick();
  }

  private void tick() {
    world.agenda.in(
        TICK,
        () -> {
          if (!dead) {
            if (!stalled) {
              core.onTick(now());
              witness.onCore(core, now().millis());
            }
            tick();
          }
        });
  }

  /// The process is gone, with all that it held.
  void die() {
    dead = true;
    for (Seat seat : seats.values()) {
      if (seat.pipe() != null) {
        seat.pipe().close();
      }
    }
  }

  boolean alive() {
    return !dead;
  }

  boolean isDead() {
    return dead;
  }

  boolean hasRoom() {
    return queue.size() < QUEUED_EVENTS;
  }

  /// Audits that the core wanted by itself.
  long ownAudits() {
    return ownAudits;
  }

  RoutingSnapshot snapshot() {
    return table.current();
  }

  FeedCore core() {
    return core;
  }

  Map<FeedId, Seat> seats() {
    return seats;
  }

  Moment now() {
    return world.now();
  }

  /// Nothing is done for a while: a collection, a starved host.
  void stall(Duration length) {
    stalled = true;
    world.agenda.in(
        length,
        () -> {
          stalled = false;
          drainSoon();
        });
  }

  void opening(FeedId feed, boolean renewing) {
    witness.onOpening(feed, renewing);
  }

  void offer(FeedId feed, SourceEvent event) {
    if (event instanceof SourceEvent.Together(_, var changes) && world.breakage != Breakage.NONE) {
      changes.forEach(
          each -> tamper.through(feed, each).ifPresent(e -> queue.add(new Arrival(feed, e))));
    } else {
      tamper.through(feed, event).ifPresent(e -> queue.add(new Arrival(feed, e)));
    }
    drainSoon();
  }

  private void drainSoon() {
    if (!draining && !stalled && !queue.isEmpty()) {
      draining = true;
      world.agenda.in(chance.skewedNanos(LEAST_BATCH, MOST_BATCH), this::onDrain);
    }
  }

  private void onDrain() {
    draining = false;
    if (dead || stalled) {
      return;
    }
    List<Arrival> batch = List.copyOf(queue);
    queue.clear();
    witness.onBatch(batch);
    core.onEvents(batch, now());
    witness.onCore(core, now().millis());
    if (world.breakage == Breakage.SNAPSHOT_FOR_EACH_CHANGE) {
      batch.stream()
          .filter(arrival -> arrival.event() instanceof SourceEvent.Changed)
          .forEach(arrival -> core.resync(arrival.feed(), now()));
    }
    for (Seat seat : seats.values()) {
      if (seat.pipe() != null) {
        seat.pipe().resume();
      }
    }
  }

  private Publication.Published publish(Delta delta) {
    RoutingSnapshot next = builder.apply(table.current(), delta);
    table.publish(next);
    witness.onPublished(delta, next);
    return Publication.Published.whole(next.version());
  }

  void resync(FeedId feed) {
    world.story.tell(() -> "operator: resync " + feed);
    core.resync(feed, now());
  }

  void audit() {
    world.story.tell(() -> "operator: audit");
    new SimAudit(world, this).run();
  }

  void accept() {
    int went = core.accept(Optional.empty(), now());
    world.story.tell(() -> "operator: accept, " + went + " rows went");
    witness.onCore(core, now().millis());
  }

  /// What the core wants of its sources reaches them a bit later, from another thread.
  private final class Asked implements Requests {
    @Override
    public void resnapshot(FeedId feed) {
      world.story.tell(() -> "core: resnapshot " + feed);
      later(() -> seats.get(feed).resnapshot());
    }

    @Override
    public void reopen(String source) {
      world.story.tell(() -> "core: reopen " + source);
      later(() -> {
        for (Map.Entry<FeedId, Seat> each : seats.entrySet()) {
          if (each.getKey().source().equals(source)) {
            each.getValue().reopen();
          }
        }
      });
    }

    @Override
    public void audit() {
      world.story.tell(() -> "core: audit");
      witness.onOwnAudit(ownAudits == 0);
      ownAudits++;
      later(() -> new SimAudit(world, SimEdge.this).run());
    }

    private void later(Runnable action) {
      world.agenda.in(
          chance.skewedNanos(LEAST_BATCH, MOST_BATCH),
          () -> {
            if (!dead) {
              action.run();
            }
          });
    }
  }
}
