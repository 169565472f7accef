package anycast.routing.feed.corrosion;

import anycast.routing.feed.Legible;
import anycast.routing.feed.RejectRow;
import anycast.routing.feed.StatePublisher;
import anycast.routing.feed.Table;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.Node;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells by transactions of agents what this process owns; and the global store, where there is
/// one, its node and how many instances of each app run here. What runs is counted in state, as it
/// is said there.
///
/// **Threading.** One thread a store: neither store waits for the other. **Ownership.** Closes the
/// clients that it was given. **Faults.** Having been away is no reason to write: rows are written
/// once, and then looked at every 30 beats, whatever the connection did.
public final class Publisher implements StatePublisher {
  /// How often it writes.
  ///
  /// @param beat the distance of two beats
  /// @param global the distance of two rounds of the global store, which all regions share
  /// @param beatsARepair beats after which the rows are looked at again: a store that was restored
  ///   from a backup has them back within half a minute
  record Pace(Duration beat, Duration global, int beatsARepair) {
    static final Pace USUAL = new Pace(Duration.ofSeconds(1), Duration.ofSeconds(5), 30);
  }

  /// Where it writes.
  ///
  /// @param own where this process also reads from
  /// @param global the store of the global tier, for the map from apps to regions; empty = one tier
  public record Stores(StateClient own, Optional<StateClient> global) {
    /// One tier.
    public static Stores of(StateClient own) {
      return new Stores(own, Optional.empty());
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

  private final StateClient state;
  private final Node node;
  private final List<Statement> rows;
  private final InstantSource clock;
  private final LongSupplier ageMillis;
  private final Optional<StateClient> global;
  private final CountDownLatch published = new CountDownLatch(1);
  private final CountDownLatch publishedGlobally;
  private final List<WriteLoop> loops = new ArrayList<>();
  private final Pace pace;

  /// Told where everybody reads: in the global store, where there is one.
  private final RejectWrites rejects;

  /// Null until the checks spoke.
  private volatile List<InstanceHealth> health;

  // The state's loop's from here on.
  private List<InstanceHealth> healthWritten;
  private long seq;
  private long beats;
  private boolean owing = true;

  // The global store's loop's from here on.
  private long globalSeq;
  private long globalBeats;

  /// @param node the row of this node, with the address that edges connect to; none on an edge
  /// @param instances all that this process owns, none on an edge; others of this node are removed
  /// @param ageMillis how old what this process knows is, asked at each beat
  public Publisher(
      Stores stores,
      Node node,
      List<Instance> instances,
      InstantSource clock,
      LongSupplier ageMillis) {
    this(Pace.USUAL, stores, node, instances, clock, ageMillis);
  }

  Publisher(
      Pace pace,
      Stores stores,
      Node node,
      List<Instance> instances,
      InstantSource clock,
      LongSupplier ageMillis) {
    this.pace = pace;
    this.state = stores.own();
    this.global = stores.global();
    this.publishedGlobally = new CountDownLatch(global.isPresent() ? 1 : 0);
    this.node = node;
    this.clock = clock;
    this.ageMillis = ageMillis;
    this.rows = PublishedRows.of(node, instances, clock.millis());
    this.rejects = new RejectWrites(node.id(), Ticker.system());
    // begins at the wall clock, so that it grows over a restart too
    this.seq = clock.millis();
    this.globalSeq = seq;
    loops.add(new WriteLoop("own", pace.beat(), this::writeState));
    global.ifPresent(g -> loops.add(new WriteLoop("global", pace.global(), () -> writeGlobal(g))));
  }

  @Override
  public void start() {
    loops.forEach(WriteLoop::start);
  }

  @Override
  public boolean awaitPublished(Duration timeout) throws InterruptedException {
    return published.await(timeout.toNanos(), TimeUnit.NANOSECONDS)
        && publishedGlobally.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void health(List<InstanceHealth> rows) {
    health = List.copyOf(rows);
  }

  @Override
  public void rejects(Supplier<List<RejectRow>> rows) {
    rejects.follow(rows);
  }

  @Override
  public boolean isPublished() {
    return published.getCount() == 0 && publishedGlobally.getCount() == 0;
  }

  private void writeState() throws StateException, InterruptedException {
    List<Statement> statements = new ArrayList<>();
    if (owing) {
      statements.addAll(rows);
    }
    List<InstanceHealth> found = health;
    if (found != null && (owing || found != healthWritten)) {
      statements.addAll(PublishedRows.of(node.id(), found));
    }
    statements.add(beat(++seq));
    for (List<Statement> transaction : PublishedRows.transactions(statements)) {
      state.transact(transaction);
    }
    healthWritten = found;
    published.countDown();
    if (global.isEmpty()) {
      rejects.write(state, owing);
    }
    owing = ++beats % pace.beatsARepair() == 0;
  }

  /// The node before what runs on it: the counts wait for the other store.
  private void writeGlobal(StateClient store) throws StateException, InterruptedException {
    boolean worker = node.role() == Node.Role.WORKER;
    List<Statement> statements = new ArrayList<>();
    if (worker) {
      statements.add(PublishedRows.of(node, clock.millis()));
    }
    statements.add(beat(++globalSeq));
    store.transact(statements);
    publishedGlobally.countDown();
    rejects.write(store, ++globalBeats % pace.beatsARepair() == 0);
    if (worker) {
      List<Statement> counted = PublishedRows.of(node.id(), counts(), clock.millis());
      for (List<Statement> transaction : PublishedRows.transactions(counted)) {
        store.transact(transaction);
      }
    }
  }

  private List<AppRegion> counts() throws StateException, InterruptedException {
    Statement counted =
        Statement.of(
            "SELECT app, COUNT(*) FROM instances WHERE node = ? AND state = 'started' GROUP BY app",
            node.id().value());
    List<AppRegion> counts = new ArrayList<>();
    for (List<Object> row : state.query(counted)) {
      if (row.size() == 2 && row.get(0) instanceof String app && row.get(1) instanceof Long count) {
        count(app, Math.clamp(count, 0, Integer.MAX_VALUE)).ifPresent(counts::add);
      }
    }
    return counts;
  }

  private Optional<AppRegion> count(String app, int instances) {
    try {
      AppId id = new AppId(app);
      return Optional.of(new AppRegion(id, node.id(), node.region(), instances, clock.millis()));
    } catch (IllegalArgumentException e) {
      // a row is hostile until it is decoded, also one of our own
      return Optional.empty();
    }
  }

  private Statement beat(long number) {
    return PublishedRows.beat(node.id(), number, clock.millis(), ageMillis.getAsLong());
  }

  @Override
  public void withdraw(Duration timeout) throws InterruptedException {
    loops.forEach(WriteLoop::close);
    Statement beat = Statement.remove(Table.BEATS, node.id().value());
    Statement row = Statement.remove(Table.NODES, node.id().value());
    List<Thread> removals = new ArrayList<>();
    removals.add(removal(state, List.of(row, beat)));
    global.ifPresent(store -> {
      List<Statement> statements =
          new ArrayList<>(PublishedRows.of(node.id(), List.of(), clock.millis()));
      statements.addAll(List.of(row, beat));
      removals.add(removal(store, statements));
    });
    for (Thread removal : removals) {
      removal.join(timeout);
      removal.interrupt();
    }
  }

  private static Thread removal(StateClient store, List<Statement> statements) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            store.transact(statements);
          } catch (StateException e) {
            LOG.info("node was not withdrawn: {}", Legible.text(e.getMessage()));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Override
  public void close() {
    loops.forEach(WriteLoop::close);
    state.close();
    global.ifPresent(StateClient::close);
  }
}
