package anycast.routing.sim;

import anycast.routing.feed.AuditReport;
import anycast.routing.feed.FeedId;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.Moment;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.table.RoutingSnapshot;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A fleet's state, its agents, the network and one edge, made of one seed: what goes wrong in it,
/// and when, is decided by nothing else.
///
/// ```
///  writers ──► agents (real: followed queries) ──► network ──► edge (real: stream machines,
///                 ▲                                              feed core, table, last-good)
///              trouble: partitions, crashes, restores, torn writes, faulty agents, operators
/// ```
///
/// First there is trouble, then everything is mended, then quiet; then the table must be what the
/// store is. What must hold all along is watched all along.
///
/// **Threading.** One thread, no clock, no file, no socket.
final class World {
  private static final List<Table> TABLES =
      List.of(Table.APPS, Table.HOSTNAMES, Table.INSTANCES, Table.BEATS);

  private static final Duration LEAST_TROUBLE = Duration.ofSeconds(40);
  private static final Duration MOST_TROUBLE = Duration.ofSeconds(120);

  /// A half-open stream is noticed after 72 s, where beats do not tell sooner, and a shrunken table
  /// is confirmed after 60 s; each may cost some tries of up to 5 s.
  private static final Duration CONVERGES_WITHIN = Duration.ofSeconds(150);

  /// Then nothing has to be opened any more, and an audit ends.
  private static final Duration QUIET = Duration.ofSeconds(20);

  /// Often enough to happen in a world's life; the product's interval is longer than that.
  static final Duration OFTEN = Duration.ofSeconds(40);

  /// What an audit says of a table whose snapshot was taken again.
  private static final String RENEWED = "a new snapshot came in while it was read";

  private static final long WALL_MILLIS = 1_700_000_000_000L;

  final long seed;
  final Breakage breakage;
  final Chance chance;
  final Agenda agenda;
  final Story story;
  final Weather weather;
  final Fleet fleet;
  final List<SimAgent> agents = new ArrayList<>();
  final Network network;
  final Witness witness;
  final Shelf shelf;
  private final Map<FeedId, List<URI>> feeds = new LinkedHashMap<>();
  private final Duration trouble;
  private SimEdge edge;

  World(long seed, Breakage breakage, boolean heard) {
    this.seed = seed;
    this.breakage = breakage;
    this.chance = new Chance(seed);
    // Near the end of what a long holds in some worlds: times are only ever to be subtracted.
    this.trouble = Duration.ofNanos(chance.nanos(LEAST_TROUBLE, MOST_TROUBLE));
    this.agenda = new Agenda(origin());
    this.story = new Story(agenda, heard);
    this.weather = new Weather(Kinds.drawn(chance.split()));
    this.fleet = new Fleet(chance.split());
    int count = 1 + chance.below(3);
    for (int i = 0; i < count; i++) {
      agents.add(new SimAgent(this, "agent-" + i));
    }
    this.network = new Network(this, agents);
    this.witness = new Witness(this, fleet.calm());
    this.shelf = new Shelf(this);
    boolean tiers = chance.oneIn(3);
    for (Table table : TABLES) {
      String source = tiers && table != Table.INSTANCES && table != Table.BEATS ? "global" : "own";
      feeds.put(new FeedId(source, table), agentsInSomeOrder());
    }
    if (tiers) {
      feeds.put(new FeedId("global", Table.BEATS), agentsInSomeOrder());
    }
  }

  /// A ticker's origin is arbitrary: in some worlds it runs over the end of a `long`, while there
  /// is trouble or while the last audit goes on.
  private long origin() {
    return switch (chance.below(16)) {
      case 0 -> Long.MAX_VALUE - chance.below(40) * 1_000_000_000L;
      case 1 -> Long.MAX_VALUE - trouble.plus(CONVERGES_WITHIN).plusSeconds(3).toNanos();
      default -> chance.random().nextLong() >> 1;
    };
  }

  private List<URI> agentsInSomeOrder() {
    List<URI> order = new ArrayList<>(agents.stream().map(agent -> agent.uri).toList());
    Collections.rotate(order, chance.below(order.size()));
    return order;
  }

  /// @throws Violation where a promise is broken
  void run() {
    story.tell(() -> "seed " + seed + ", " + agents.size() + " agents, " + weather.kinds());
    Stored founded = new Stored();
    fleet.founding().forEach(founded::take);
    agents.forEach(agent -> agent.restore(founded));
    startEdge(true);
    Trouble troubles = new Trouble(this);
    troubles.begin();
    agenda.run(trouble);
    weather.clearUp();
    troubles.mendAll();
    story.tell(() -> "all is mended");
    agenda.run(CONVERGES_WITHIN);
    demand(
        edge.ownAudits() > 0 || !weather.kinds().audits(),
        Promise.AUDIT,
        () -> "no audit for " + CONVERGES_WITHIN);
    long openings = witness.openings();
    converged();
    // A table whose snapshot is taken again while it is read is not compared; another time it is.
    Set<FeedId> notCompared = audited();
    converged();
    if (!notCompared.isEmpty()) {
      notCompared.retainAll(audited());
      converged();
    }
    demand(notCompared.isEmpty(), Promise.AUDIT, () -> "twice not compared: " + notCompared);
    demand(
        witness.openings() == openings,
        Promise.CONVERGENCE,
        () -> "streams are still being opened: " + (witness.openings() - openings));
  }

  SimEdge edge() {
    return edge;
  }

  SimAgent agent(URI uri) {
    return agents.stream().filter(agent -> agent.uri.equals(uri)).findFirst().orElseThrow();
  }

  List<FeedId> feedIds() {
    return List.copyOf(feeds.keySet());
  }

  Moment now() {
    return new Moment(agenda.nanos(), WALL_MILLIS + agenda.elapsedNanos() / 1_000_000);
  }

  /// @param first nothing can be on the disk yet
  void startEdge(boolean first) {
    edge = new SimEdge(this, feeds, limits());
    edge.start(first ? List.of() : lastGood());
  }

  private FeedLimits limits() {
    FeedLimits standard = FeedLimits.STANDARD;
    return new FeedLimits(
        breakage == Breakage.NO_GUARD ? 1 : standard.guardFraction(),
        standard.guardLeastRows(),
        standard.confirm(),
        standard.silence(),
        standard.freshness(),
        weather.kinds().audits() ? OFTEN : standard.auditEvery());
  }

  private List<Entity> lastGood() {
    while (true) {
      try {
        return shelf.load();
      } catch (SimDisk.PowerLoss e) {
        story.tell(() -> "the edge's power went while it started");
        shelf.disk().losePower();
      }
    }
  }

  void demand(boolean held, Promise promise, Supplier<String> otherwise) {
    if (!held) {
      throw new Violation(promise, otherwise.get());
    }
  }

  private void converged() {
    RoutingSnapshot snapshot = edge.snapshot();
    witness.replayEquals(snapshot);
    witness.calmIsInForce(snapshot);
    Truth truth = Truth.of(agents.getFirst().store.now(), TABLES);
    for (SimAgent agent : agents) {
      Truth other = Truth.of(agent.store.now(), TABLES);
      if (!other.equals(truth)) {
        throw new IllegalStateException("the simulated agents did not come together");
      }
    }
    truth
        .entities()
        .forEach((key, entity) ->
            demand(
                entity.equals(snapshot.find(key)),
                Promise.NO_LOST_UPDATE,
                () -> "the store has " + entity + ", in force is " + snapshot.find(key)));
    Map<Entity.Key, Entity> rest = new HashMap<>();
    snapshot.eachEntity(entity -> rest.put(entity.key(), entity));
    rest.keySet().removeAll(truth.entities().keySet());
    rest.values().removeIf(entity -> servesForGarbled(entity, truth.garbled()));
    demand(
        rest.isEmpty(), Promise.NO_GHOST, () -> "in force and not in the store: " + rest.values());
  }

  /// @return tables that were not compared
  private Set<FeedId> audited() {
    edge.audit();
    agenda.run(QUIET);
    AuditReport report = edge.core().status(edge.now()).audit().orElseThrow();
    boolean clean =
        report.differences() == 0
            && report.tables().stream()
                .allMatch(table -> List.of("", RENEWED).contains(table.notCompared()));
    demand(clean, Promise.AUDIT, report::toString);
    return report.tables().stream()
        .filter(table -> !table.notCompared().isEmpty())
        .map(AuditReport.TableAudit::feed)
        .collect(Collectors.toSet());
  }

  /// The version before serves where a row became illegible.
  private static boolean servesForGarbled(Entity entity, Set<List<Object>> garbled) {
    List<Object> cells = anycast.routing.feed.RowCodec.encode(entity, 0);
    Table table = anycast.routing.feed.RowCodec.table(entity.key());
    return garbled.contains(cells.subList(0, table.key().size()));
  }
}
