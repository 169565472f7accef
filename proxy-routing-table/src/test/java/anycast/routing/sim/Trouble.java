package anycast.routing.sim;

import anycast.routing.feed.Table;
import anycast.routing.table.RoutingSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What happens to a world: writers write, things break and are mended, operators operate.
final class Trouble {
  private static final Duration BEAT = Duration.ofSeconds(3);
  private static final Duration REPAIR = Duration.ofSeconds(4);
  private static final Duration BACKUP = Duration.ofSeconds(25);
  private static final Duration SAVE = Duration.ofSeconds(20);
  private static final Duration LONGEST_EMPTY = Duration.ofSeconds(30);
  private static final Duration EPILOGUE = Duration.ofSeconds(15);
  private static final Duration LONGEST_LAG = Duration.ofSeconds(8);

  private final World world;
  private final Chance chance;
  private final List<Stored> backups = new ArrayList<>();

  /// Grows with each restore: what was written before it does not arrive after it.
  private int epoch;

  private RoutingSnapshot saved;
  private boolean apart;
  private boolean emptied;

  /// Until the content is back.
  private boolean empty;

  Trouble(World world) {
    this.world = world;
    this.chance = world.chance.split();
  }

  void begin() {
    backups.add(world.agents.getFirst().store.backup());
    world.agenda.every(BEAT, () -> write(world.fleet.beats()));
    world.agenda.every(REPAIR, this::comeTogether);
    world.agenda.every(
        BACKUP,
        () -> {
          if (!empty) {
            backups.add(chance.any(world.agents).store.backup());
          }
        });
    world.agenda.every(SAVE, this::save);
    world.agenda.every(Duration.ofSeconds(45), () -> world.agents.forEach(SimAgent::purge));
    writeOn();
    breakOn();
  }

  private void writeOn() {
    world.agenda.in(
        chance.skewedNanos(Duration.ofMillis(1), Duration.ofSeconds(6)),
        () -> {
          if (!world.weather.isClear()) {
            SimAgent home = home();
            if (home != null) {
              write(world.fleet.next(home.store.now()));
            }
            writeOn();
          }
        });
  }

  private SimAgent home() {
    List<SimAgent> up = world.agents.stream().filter(SimAgent::up).toList();
    return up.isEmpty() ? null : chance.any(up);
  }

  private void write(List<Stored.Write> writes) {
    SimAgent home = home();
    if (home == null || writes.isEmpty()) {
      return;
    }
    if (writes.getFirst().table() != Table.BEATS) {
      world.story.tell(() -> "written at " + home.uri + ": " + writes);
    }
    home.commit(writes);
    for (SimAgent other : world.agents) {
      if (other != home) {
        replicate(writes, other);
      }
    }
  }

  private void replicate(List<Stored.Write> writes, SimAgent to) {
    Duration most =
        world.weather.kinds().replicasLag() && !world.weather.isClear()
            ? LONGEST_LAG
            : Duration.ofMillis(200);
    int written = epoch;
    world.agenda.in(
        chance.skewedNanos(Duration.ofMillis(1), most),
        () -> {
          if (epoch != written) {
            return;
          }
          if (to.up()) {
            to.commit(writes);
          } else {
            apart = true;
          }
        });
  }

  /// Anti-entropy: agents that missed something ask each other.
  private void comeTogether() {
    if (!apart || !world.agents.stream().allMatch(SimAgent::up)) {
      return;
    }
    apart = false;
    for (SimAgent from : world.agents) {
      for (SimAgent to : world.agents) {
        if (from != to) {
          List<Stored.Write> missing = to.store.now().missingFrom(from.store.now());
          if (!missing.isEmpty()) {
            to.commit(missing);
          }
        }
      }
    }
  }

  private void save() {
    SimEdge edge = world.edge();
    if (edge.snapshot() == saved || !edge.core().status(edge.now()).complete()) {
      return;
    }
    saved = edge.snapshot();
    try {
      world.shelf.save(saved);
    } catch (SimDisk.PowerLoss e) {
      world.story.tell(() -> "the edge's power went while it saved");
      losePower();
    }
  }

  private void breakOn() {
    int stormy = world.weather.kinds().stormy();
    Duration most = Duration.ofSeconds(36L / stormy);
    world.agenda.in(
        chance.skewedNanos(Duration.ofMillis(20), most),
        () -> {
          if (!world.weather.isClear()) {
            something();
            breakOn();
          }
        });
  }

  private void something() {
    switch (chance.below(16)) {
      case 0, 1, 2 -> partition();
      case 3, 4 -> silence();
      case 5 -> aPipe("is truncated", Pipe::truncate);
      case 6 -> aPipe("is reset", Pipe::reset);
      case 7, 8 -> restartAgent();
      case 9 -> crashAgent();
      case 10 -> restore();
      case 11, 12 -> restartEdge();
      case 13 -> stall();
      case 14 -> disk();
      default -> operate();
    }
  }

  private void partition() {
    SimAgent agent = chance.any(world.agents);
    world.story.tell(() -> "partition from " + agent.uri);
    world.network.partition(agent);
    boolean resets = chance.oneIn(2);
    world.agenda.in(
        chance.skewedNanos(Duration.ofMillis(100), Duration.ofSeconds(30)),
        () -> {
          world.story.tell(() -> "partition healed from " + agent.uri);
          world.network.heal(agent, resets);
        });
  }

  /// Something between forgets connections: one, or all there are.
  private void silence() {
    if (chance.oneIn(2)) {
      aPipe("falls silent", Pipe::fallSilent);
      return;
    }
    world.story.tell(() -> "all connections fall silent");
    for (Seat seat : world.edge().seats().values()) {
      if (seat.pipe() != null) {
        seat.pipe().fallSilent();
      }
    }
  }

  private interface Hit {
    void on(Pipe pipe);
  }

  private void aPipe(String what, Hit hit) {
    List<Serving> servings = List.copyOf(chance.any(world.agents).servings());
    if (!servings.isEmpty()) {
      world.story.tell(() -> "a connection " + what);
      hit.on(chance.any(servings).pipe());
    }
  }

  private void restartAgent() {
    SimAgent agent = chance.any(world.agents);
    if (!agent.up()) {
      return;
    }
    world.story.tell(() -> agent.uri + " stops in an orderly way");
    agent.stop();
    startLater(agent);
  }

  private void crashAgent() {
    SimAgent agent = chance.any(world.agents);
    if (!agent.up()) {
      return;
    }
    boolean machine = chance.oneIn(2);
    int lost = agent.crash(machine);
    world.story.tell(() -> agent.uri + " crashed, machine: " + machine + ", lost: " + lost);
    apart = true;
    startLater(agent);
  }

  private void startLater(SimAgent agent) {
    world.agenda.in(
        chance.skewedNanos(Duration.ofMillis(50), Duration.ofSeconds(15)),
        () -> {
          world.story.tell(() -> agent.uri + " starts");
          agent.start();
        });
  }

  /// All stores get an old content, or for a while none at all.
  private void restore() {
    if (!world.weather.kinds().restores() || empty) {
      return;
    }
    // An edge that finds nothing on its disk and nothing in the store has nothing: no promise.
    if (!emptied && world.shelf.promises() && chance.oneIn(3)) {
      emptied = true;
      empty = true;
      Stored content = world.agents.getFirst().store.backup();
      world.agents.stream()
          .skip(1)
          .forEach(agent -> content.missingFrom(agent.store.now()).forEach(content::take));
      world.story.tell(() -> "all stores come up empty");
      replaceAll(new Stored());
      world.agenda.in(
          chance.nanos(Duration.ofSeconds(1), LONGEST_EMPTY),
          () -> {
            world.story.tell(() -> "all stores have their content again");
            empty = false;
            replaceAll(content);
          });
    } else {
      Stored backup = chance.any(backups);
      world.story.tell(() -> "all stores are restored from an old backup");
      replaceAll(backup);
    }
  }

  private void replaceAll(Stored content) {
    epoch++;
    for (SimAgent agent : world.agents) {
      if (chance.oneIn(2)) {
        agent.stop();
      } else {
        agent.crash(false);
      }
      agent.restore(content);
    }
    world.agents.forEach(this::startLater);
  }

  private void restartEdge() {
    if (!world.weather.kinds().restarts()) {
      return;
    }
    if (chance.oneIn(3)) {
      losePower();
      return;
    }
    world.story.tell(() -> "the edge's process is killed");
    world.edge().die();
    startEdgeLater();
  }

  private void losePower() {
    world.story.tell(() -> "the edge loses power");
    world.edge().die();
    world.shelf.disk().losePower();
    startEdgeLater();
  }

  private void startEdgeLater() {
    world.startEdge(false);
  }

  private void stall() {
    if (world.weather.kinds().slowEdge()) {
      world.story.tell(() -> "the edge stalls");
      world
          .edge()
          .stall(Duration.ofNanos(chance.nanos(Duration.ofMillis(50), Duration.ofSeconds(8))));
    }
  }

  private void disk() {
    if (!world.weather.kinds().restarts()) {
      return;
    }
    if (chance.oneIn(3)) {
      world.shelf.disk().fillSoon();
      world.agenda.in(Duration.ofSeconds(20), world.shelf.disk()::room);
    } else {
      world.shelf.disk().dieSoon();
    }
    save();
  }

  private void operate() {
    switch (chance.below(3)) {
      case 0 -> world.edge().resync(chance.any(world.feedIds()));
      case 1 -> {
        // An operator who accepts an emptied store gets an emptied table.
        if (!emptied) {
          world.edge().accept();
        }
      }
      default -> world.edge().audit();
    }
  }

  /// Everything works again from here on.
  void mendAll() {
    world.agents.forEach(SimAgent::start);
    for (SimAgent agent : world.agents) {
      world.network.heal(agent, chance.oneIn(2));
    }
    world.shelf.disk().mend();
    apart = true;
    comeTogether();
    if (chance.percent(70)) {
      write(world.fleet.mend(world.agents.getFirst().store.now()));
    }
    world.agenda.in(EPILOGUE, () -> write(world.fleet.epilogue()));
  }
}
