package anycast.routing.feed;

import anycast.routing.document.DocumentReading;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Progress;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single writer of the routing table: a thread around the [FeedCore], and the feed's public
/// face.
///
/// ```
///  source threads ──put──► [inbox] ──a batch──► core ──Delta──► builder ──► RoutingTable
///  operators, audits ──────► [steps] ───────────┘
/// ```
///
/// **Threading.** One platform thread of its own writes; it ticks the core too. The sink blocks
/// source threads while the inbox is full. All methods but [#preload], [#start] and [#close] are
/// for any thread and never wait for the writer ([#awaitLoaded] is there to wait). Audits read, and
/// peers are asked, on virtual threads of the follower's. **Limits.** Those of [Inbox] and of the
/// core.
public final class FeedFollower implements AutoCloseable {
  /// A source with its name in the configuration, e.g. `global` or `fra`.
  public record Named(String name, StateSource source) {}

  /// What the follower needs from around it.
  ///
  /// @param self whose own beats are no evidence about peers; null = nobody's
  /// @param peers null = nobody to ask
  /// @param shelf told each published snapshot with the wall clock, on the follower's thread
  public record Outside(
      Ticker ticker,
      InstantSource clock,
      RandomGenerator random,
      NodeId self,
      PeerAges peers,
      ObjLongConsumer<RoutingSnapshot> shelf) {
    /// Nobody to ask, and nothing kept.
    public static Outside of(Ticker ticker) {
      return new Outside(
          ticker, InstantSource.system(), new SplittableRandom(), null, null, (_, _) -> {});
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(FeedFollower.class);

  /// The name of a source that is the only one.
  private static final String ONLY = "state";

  /// The core's limits are seconds.
  private static final Duration TICK = Duration.ofMillis(100);

  /// Another agent is asked that often at most, and only while what is known here is old.
  private static final Duration ASK_EVERY = Duration.ofSeconds(5);

  /// Closing waits at most that long for the batch in hand.
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final Map<String, StateSource> sources = new LinkedHashMap<>();
  private final FeedLimits limits;
  private final Outside outside;
  private final Consumer<Consumer<Entity>> inForce;
  private final DocumentReading documents;
  private final FeedCore core;
  private final PeerWatch peers;
  private final Inbox inbox = new Inbox();
  private final Queue<Consumer<Moment>> steps = new ConcurrentLinkedQueue<>();
  private final CountDownLatch loaded = new CountDownLatch(1);
  private final Thread writer;
  private final Progress progress = new Progress();
  private volatile boolean closing;

  // The writer's own.
  private long tickedNanos;
  private long askedNanos;
  private Thread asking;
  private Thread auditing;

  /// Follows one source that feeds everything.
  public FeedFollower(
      RoutingTable table, SnapshotBuilder builder, StateSource source, Ticker ticker) {
    this(table, builder, List.of(new Named(ONLY, source)), FeedLimits.STANDARD, Outside.of(ticker));
  }

  /// Follows several sources; several may feed the same table. What they say is in force at once.
  public FeedFollower(
      RoutingTable table,
      SnapshotBuilder builder,
      List<Named> sources,
      FeedLimits limits,
      Outside outside) {
    this(
        new AtOnce(table, builder, outside),
        each -> table.current().eachEntity(each),
        sources,
        limits,
        outside);
  }

  /// Follows several sources; what of it comes into force is up to `publication`.
  ///
  /// @param inForce tells what readers see, for audits
  public FeedFollower(
      Publication publication,
      Consumer<Consumer<Entity>> inForce,
      List<Named> sources,
      FeedLimits limits,
      Outside outside) {
    this.limits = limits;
    this.outside = outside;
    this.inForce = inForce;
    this.peers = new PeerWatch(outside.self());
    List<FeedId> feeds = new ArrayList<>();
    for (Named named : sources) {
      if (this.sources.put(named.name(), named.source()) != null) {
        throw new IllegalArgumentException("two sources are called " + named.name());
      }
      for (Table table : Table.values()) {
        if (named.source().tables().contains(table)) {
          feeds.add(new FeedId(named.name(), table));
        }
      }
    }
    this.core = new FeedCore(feeds, limits, publication, new Asked(), outside.random(), now());
    this.documents = publication.documentsOfAudits();
    this.tickedNanos = outside.ticker().nanos() - TICK.toNanos();
    this.askedNanos = outside.ticker().nanos() - ASK_EVERY.toNanos();
    this.writer = Thread.ofPlatform().name("feed-follower").daemon(true).unstarted(this::run);
  }

  private Moment now() {
    return new Moment(outside.ticker().nanos(), outside.clock().millis());
  }

  /// Puts what was saved in force. Called once, before [#start]; from then on there is something to
  /// serve.
  ///
  /// @param savedAtMillis wall clock when a source last vouched for it
  public void preload(Iterable<? extends Entity> entities, long savedAtMillis) {
    core.preload(entities, savedAtMillis, now());
    loaded.countDown();
  }

  /// Starts the sources and the one thread that writes. Called once.
  public void start() {
    writer.start();
    sources.forEach((name, source) -> {
      Map<Table, FeedId> ids = new EnumMap<>(Table.class);
      source.tables().forEach(table -> ids.put(table, new FeedId(name, table)));
      source.start(event -> inbox.put(new Arrival(ids.get(event.table()), event)));
    });
  }

  /// Waits until there is something to serve: every table was complete once, or last-good was read.
  ///
  /// @return false where `timeout` passed first
  public boolean awaitLoaded(Duration timeout) throws InterruptedException {
    return loaded.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  public FeedStatus status() {
    return core.status(now());
  }

  /// Each node's last sign of life. The first one after a start counts from when it was seen,
  /// however old it is.
  public Map<NodeId, BeatAge> beats() {
    return core.beats(now());
  }

  /// How old what is known is: the oldest of all feeds.
  public Duration age() {
    return Duration.ofNanos(core.ageNanos(now()));
  }

  /// Whether what is known is too old to serve.
  public Freshness.Verdict freshness() {
    Moment now = now();
    List<Freshness.PeerAge> ages = core.peers(outside.self(), now);
    ages.addAll(peers.ages(now.nanos()));
    return Freshness.judge(core.ageNanos(now), ages, limits.freshness().toNanos());
  }

  /// Beaten at each turn of the writer, and at least every [#TICK] while there is nothing to do. A
  /// batch is one turn, however long it takes: a first snapshot of a million rows is no stall.
  public Progress progress() {
    return progress;
  }

  /// The one that writes.
  public Thread thread() {
    return writer;
  }

  /// What changed lately.
  public ChangeRing changes() {
    return core.changes();
  }

  /// Takes a whole new snapshot of a table from each source that feeds it; what is in force stays
  /// until it is complete.
  public void resync(Table table) {
    sources.forEach((name, source) -> {
      if (source.tables().contains(table)) {
        resync(new FeedId(name, table));
      }
    });
  }

  /// Takes a whole new snapshot of one feed.
  public void resync(FeedId feed) {
    onWriter(now -> core.resync(feed, now));
  }

  /// Lets withheld rows go: those of one feed, or all. What was read from disk stays until a source
  /// has spoken.
  public void accept(Optional<FeedId> feed) {
    onWriter(now -> core.accept(feed, now));
  }

  /// Begins an audit, unless one is going on. [FeedStatus#audit] has its report when it is over.
  public void audit() {
    onWriter(_ -> beginAudit());
  }

  /// Ends the sources first, then the writer, if they were started. The table keeps its last
  /// snapshot.
  @Override
  public void close() {
    closing = true;
    sources.values().forEach(StateSource::close);
    writer.interrupt();
    try {
      if (writer.isAlive() && !writer.join(CLOSE_TIMEOUT)) {
        LOG.warn("the feed's writer did not end within {}", CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void onWriter(Consumer<Moment> step) {
    steps.add(step);
    inbox.wake();
  }

  private void run() {
    List<Arrival> batch = new ArrayList<>();
    try {
      while (!closing) {
        progress.beat();
        inbox.take(batch, TICK.toNanos());
        if (!batch.isEmpty()) {
          take(now -> core.onEvents(batch, now));
          batch.clear();
        }
        for (Consumer<Moment> step = steps.poll(); step != null; step = steps.poll()) {
          take(step);
          progress.beat();
        }
        tick();
        if (core.loaded()) {
          loaded.countDown();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the feed's writer ends");
    } finally {
      stop(asking);
      stop(auditing);
    }
  }

  private void take(Consumer<Moment> step) {
    try {
      step.accept(now());
    } catch (RuntimeException e) {
      LOG.error("a bug in a step of the feed's writer", e);
    }
  }

  private static void stop(Thread thread) {
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void tick() {
    Moment now = now();
    if (now.nanos() - tickedNanos < TICK.toNanos()) {
      return;
    }
    tickedNanos = now.nanos();
    take(core::onTick);
    boolean old = core.ageNanos(now) > limits.freshness().toNanos();
    boolean idle = asking == null || !asking.isAlive();
    if (outside.peers() != null && old && idle && now.nanos() - askedNanos >= ASK_EVERY.toNanos()) {
      askedNanos = now.nanos();
      asking = Thread.ofVirtual().name("feed-peers").start(this::askPeers);
    }
  }

  private void askPeers() {
    try {
      List<Decoded.Beat> answer = outside.peers().ask();
      Map<NodeId, BeatAge> ours = beats();
      peers.onAnswer(
          answer,
          node -> ours.containsKey(node) ? ours.get(node).seq() : -1,
          outside.ticker().nanos());
    } catch (IOException e) {
      LOG.debug("no word of the peers: {}", Legible.text(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void beginAudit() {
    if (auditing == null || !auditing.isAlive()) {
      Auditor auditor = new Auditor(core, sources, inForce, documents, this::onWriterAndWait);
      auditing = Thread.ofVirtual().name("feed-audit").start(auditor);
    }
  }

  private void onWriterAndWait(Consumer<Moment> step)
      throws InterruptedException, ExecutionException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    onWriter(now -> {
      try {
        step.accept(now);
        done.complete(null);
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
        throw e;
      }
    });
    done.get();
  }

  /// What the core asks for, on the writer's thread.
  private final class Asked implements Requests {
    @Override
    public void resnapshot(FeedId feed) {
      sources.get(feed.source()).resnapshot(feed.table());
    }

    @Override
    public void reopen(String source) {
      LOG.warn("{}: no beat came for a while; its streams are opened anew", source);
      sources.get(source).reopen();
    }

    @Override
    public void audit() {
      beginAudit();
    }
  }
}
