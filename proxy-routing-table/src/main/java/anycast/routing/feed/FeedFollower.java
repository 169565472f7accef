package anycast.routing.feed;

import anycast.routing.feed.FeedStatus.SkippedRow;
import anycast.routing.feed.FeedStatus.TableStatus;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single writer of the routing table: takes a source's events in, keeps a mirror of each
/// table, and publishes what really changed, one snapshot a batch.
///
/// ```
///  source threads ──offer──► [bounded queue] ──drain──► mirrors ──Delta──► builder ──► RoutingTable
/// ```
///
/// **Threading.** One platform thread of its own writes. The sink blocks source threads while the
/// queue is full. [#status], [#beats], [#resync] and [#awaitLoaded] are for any thread and never
/// wait for the writer (except the last, which is there to wait). **Limits.** The queue, the batch,
/// the rows named as skipped. **Faults.** A row that cannot be used is skipped and named. A missing
/// position, or an exception that a bug throws, costs one table's snapshot anew; what is in force
/// stays.
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

  /// Enough to keep the writer busy while source threads read on; a row is mostly below 1 kB.
  private static final int QUEUED_EVENTS = 1024;

  /// Events that share one published snapshot: bounds how long a change waits for its neighbours.
  private static final int BATCH_EVENTS = 512;

  /// Closing waits at most that long for the batch in hand.
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /// What the log said last of state as a whole.
  private enum Told {
    NOTHING,
    LOSS,
    WHOLE
  }

  private record SeenBeat(long seq, long atNanos) {}

  private final Publication publication;
  private final StateSource source;
  private final Ticker ticker;
  private final BlockingQueue<SourceEvent> queue = new ArrayBlockingQueue<>(QUEUED_EVENTS);
  private final CountDownLatch loaded = new CountDownLatch(Table.values().length);
  private final Map<NodeId, SeenBeat> beats = new ConcurrentHashMap<>();
  private final Thread writer;

  // The writer's own from here on; `feeds` never changes after construction.
  private final Map<Table, TableFeed> feeds = new EnumMap<>(Table.class);
  private Told told = Told.NOTHING;
  private final List<Change> changes = new ArrayList<>();
  private final Set<Table> touched = EnumSet.noneOf(Table.class);
  private final TableMirror.Effects effects = new Collected();

  public FeedFollower(
      RoutingTable table, SnapshotBuilder builder, StateSource source, Ticker ticker) {
    this(
        table,
        builder,
        List.of(new Named("state", source)),
        FeedLimits.STANDARD,
        Outside.of(ticker));
  }

  /// Follows several sources; several may feed the same table.
  public FeedFollower(
      RoutingTable table,
      SnapshotBuilder builder,
      List<Named> sources,
      FeedLimits limits,
      Outside outside) {
    this(
        delta -> {
          table.publish(builder.apply(table.current(), delta));
          return table.current().version();
        },
        sources.getFirst().source(),
        outside.ticker());
  }

  /// Puts what was saved in force. Called once, before [#start]; from then on there is something to
  /// serve.
  ///
  /// @param savedAtMillis wall clock when a source last vouched for it
  public void preload(Iterable<? extends Entity> entities, long savedAtMillis) {
    throw new UnsupportedOperationException();
  }

  /// Lets withheld rows go: those of one feed, or all.
  public void accept(Optional<FeedId> feed) {
    throw new UnsupportedOperationException();
  }

  /// Begins an audit, unless one is going on. [FeedStatus#audit] has its report some seconds later.
  public void audit() {
    throw new UnsupportedOperationException();
  }

  /// Takes a whole new snapshot of one feed; what is in force stays until it is complete.
  public void resync(FeedId feed) {
    source.resnapshot(feed.table());
  }

  /// What changed lately.
  public ChangeRing changes() {
    throw new UnsupportedOperationException();
  }

  /// Whether what is known is too old to serve.
  public Freshness.Verdict freshness() {
    throw new UnsupportedOperationException();
  }

  FeedFollower(Publication publication, StateSource source, Ticker ticker) {
    this.publication = publication;
    this.source = source;
    this.ticker = ticker;
    for (Table table : Table.values()) {
      feeds.put(table, new TableFeed(table));
    }
    this.writer = Thread.ofPlatform().name("feed-follower").daemon(true).unstarted(this::run);
  }

  /// Starts the source and the one thread that writes. Called once.
  public void start() {
    writer.start();
    source.start(queue::put);
  }

  /// Waits until every table was complete once.
  ///
  /// @return false where `timeout` passed first
  public boolean awaitLoaded(Duration timeout) throws InterruptedException {
    return loaded.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  public FeedStatus status() {
    long now = ticker.nanos();
    List<TableStatus> tables = new ArrayList<>();
    List<SkippedRow> skipped = new ArrayList<>();
    for (TableFeed feed : feeds.values()) {
      TableFeed.Seen seen = feed.seen();
      TableStatus s = seen.status();
      long ageNanos = s.ageNanos() < 0 ? -1 : Math.max(0, now - seen.lastEventNanos());
      tables.add(
          new TableStatus(
              s.feed(),
              s.connected(),
              s.loaded(),
              s.watermark(),
              s.rows(),
              s.skipped(),
              0,
              s.retained(),
              ageNanos,
              s.snapshots(),
              0,
              0,
              s.reasons(),
              s.lastLoss()));
      skipped.addAll(seen.skipped());
    }
    return new FeedStatus(
        tables, skipped, List.of(), List.of(), Optional.empty(), Optional.empty(), 0);
  }

  /// Each node's last sign of life. The first one after a start counts from when it was seen,
  /// however old it is.
  public Map<NodeId, BeatAge> beats() {
    long now = ticker.nanos();
    Map<NodeId, BeatAge> ages = new HashMap<>();
    beats.forEach(
        (node, beat) -> ages.put(node, new BeatAge(beat.seq(), Math.max(0, now - beat.atNanos()))));
    return ages;
  }

  /// Takes a whole new snapshot of one table; what is in force stays until it is complete.
  public void resync(Table table) {
    source.resnapshot(table);
  }

  /// Ends the source first, then the writer, if they were started. The table keeps its last
  /// snapshot.
  @Override
  public void close() {
    source.close();
    writer.interrupt();
    try {
      if (writer.isAlive() && !writer.join(CLOSE_TIMEOUT)) {
        LOG.warn("the feed's writer did not end within {}", CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<SourceEvent> batch = new ArrayList<>(BATCH_EVENTS);
    try {
      while (!Thread.currentThread().isInterrupted()) {
        batch.add(queue.take());
        queue.drainTo(batch, BATCH_EVENTS - 1);
        onBatch(batch);
        batch.clear();
      }
    } catch (InterruptedException e) {
      LOG.debug("the feed's writer ends");
    }
  }

  private void onBatch(List<SourceEvent> batch) {
    long now = ticker.nanos();
    for (SourceEvent event : batch) {
      TableFeed feed = feeds.get(event.table());
      feed.onEvent(now);
      touched.add(event.table());
      try {
        onEvent(feed, event);
      } catch (RuntimeException e) {
        LOG.error("a bug in following {}", event.table().label(), e);
        distrust(feed, event.table(), "a bug: " + e);
      }
    }
    if (!changes.isEmpty()) {
      publish(changes);
      changes.clear();
    }
    for (Table table : touched) {
      TableFeed feed = feeds.get(table);
      boolean first = feed.loaded() && !feed.seen().status().loaded();
      feed.publish();
      if (first) {
        loaded.countDown();
      }
    }
    touched.clear();
    tellWhole();
  }

  /// The tables' streams come and go together, as their source does: the first loss is told, and
  /// the return of the last.
  private void tellLoss(Table table, String reason) {
    if (told == Told.LOSS) {
      LOG.debug("{}: stream lost: {}", table.label(), reason);
    } else {
      LOG.warn("state lost, what is known stays in force: {}: {}", table.label(), reason);
      told = Told.LOSS;
    }
  }

  private void tellWhole() {
    if (told == Told.WHOLE || !feeds.values().stream().allMatch(TableFeed::current)) {
      return;
    }
    told = Told.WHOLE;
    int rows = feeds.values().stream().mapToInt(feed -> feed.mirror().rowCount()).sum();
    int skipped = feeds.values().stream().mapToInt(feed -> feed.mirror().skipped().size()).sum();
    LOG.info("state is followed: {} tables, {} rows", feeds.size(), rows);
    if (skipped > 0) {
      LOG.warn("{} rows of state cannot be used; the status page names them", skipped);
    }
  }

  private void onEvent(TableFeed feed, SourceEvent event) {
    TableMirror mirror = feed.mirror();
    switch (event) {
      case SourceEvent.SnapshotBegun _ -> {
        feed.onConnected();
        mirror.onBegun();
      }
      case SourceEvent.Row(_, long rowid, Cells cells) -> mirror.onRow(rowid, cells);
      case SourceEvent.SnapshotEnded(Table table, Watermark at) -> {
        if (mirror.onEnded(at, effects)) {
          feed.onSnapshot();
          LOG.debug("{}: snapshot of {} rows in force", table.label(), mirror.rowCount());
        }
      }
      case SourceEvent.Resumed _ -> feed.onConnected();
      case SourceEvent.Changed changed -> onChanged(feed, changed);
      case SourceEvent.Lost(Table table, String reason) -> {
        if (feed.onLost(reason)) {
          tellLoss(table, Legible.text(reason));
        }
        mirror.onLost();
      }
    }
  }

  private void onChanged(TableFeed feed, SourceEvent.Changed changed) {
    long expected = feed.mirror().watermark().position() + 1;
    switch (feed.mirror().onChanged(changed, effects)) {
      case CONTINUED, IGNORED -> {}
      case GAP ->
          distrust(
              feed,
              changed.table(),
              "change " + changed.position() + " came where " + expected + " was due");
    }
  }

  private void distrust(TableFeed feed, Table table, String reason) {
    LOG.warn("{}: snapshot anew: {}", table.label(), Legible.text(reason));
    feed.onLost(reason);
    feed.mirror().distrust();
    source.resnapshot(table);
  }

  /// A delta that the builder cannot take is halved until the change that it cannot take is alone:
  /// one bad entity costs itself, not its neighbours.
  private void publish(List<Change> delta) {
    try {
      publication.publish(new Delta(delta));
    } catch (RuntimeException e) {
      if (delta.size() == 1) {
        LOG.error("a change that cannot be put in force was left out", e);
        return;
      }
      int half = delta.size() / 2;
      publish(delta.subList(0, half));
      publish(delta.subList(half, delta.size()));
    }
  }

  /// Gathers the batch's changes; beats are no part of the snapshot and take effect at once.
  private final class Collected implements TableMirror.Effects {
    @Override
    public void came(Decoded.Usable now) {
      switch (now) {
        case Decoded.Routed(var entity) -> changes.add(new Change.Put(entity));
        case Decoded.Beat(NodeId node, long seq, _, _) ->
            beats.put(node, new SeenBeat(seq, ticker.nanos()));
      }
    }

    @Override
    public void went(Decoded.Usable was) {
      switch (was) {
        case Decoded.Routed(var entity) -> changes.add(new Change.Remove(entity.key()));
        case Decoded.Beat(NodeId node, _, _, _) -> beats.remove(node);
      }
    }
  }
}
