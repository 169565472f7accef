package anycast.routing.feed.nats;

import anycast.routing.feed.Backoff;
import anycast.routing.feed.Cells;
import anycast.routing.feed.Legible;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.SourceEvent.Kind;
import anycast.routing.feed.StateSource.Sink;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.time.Ticker;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// One table's bucket, followed and kept up.
///
/// ```
///              last of each key       nothing pending        entries, counted by us
///  (opening) ─────────────────► snapshot ─────────────► live ◄────────┐
///     ▲  │ proven: from revision + 1                     │ └──────────┘
///     │  └───────────────────────────────────────────────┤
///     │                                                  │ silence, number missing: keep the place
///     └───────────────── backoff ◄───────────────────────┘ other bucket, keys unheard: forget it
/// ```
///
/// Positions are counted here: a bucket's revisions have holes wherever a key was written again
/// before its entry was delivered.
///
/// **Threading.** [#run] and the fields behind it are the stream's own virtual thread's; the other
/// methods set a flag and end the delivery that is waited for.
final class BucketStream {
  /// A leader that is being elected does not answer; twice in a row is more than that.
  private static final int CHECKS_UNANSWERED = 2;

  /// Heartbeats after which what the leader spoke of and did not come will not come.
  private static final int IDLE_ENOUGH = 3;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Table table;
  private final NatsConfig config;
  private final NatsLink link;
  private final Pace pace;
  private final Ticker ticker;
  private final RowFilter filter;
  private final Thread thread;
  private final Semaphore hurry = new Semaphore(0);

  private volatile boolean closed;
  private volatile boolean anew;
  private volatile Delivery delivery;

  // The stream's thread's from here on.
  private Sink sink;
  private final BucketPlace place = new BucketPlace();
  private final Map<Long, Cells> doomed = new LinkedHashMap<>();
  private String stream = "";
  private long position;
  private boolean inSnapshot;
  private BucketFacts atOpen;
  private int idles;
  private int unanswered;
  private long checkedNanos;
  private boolean wentBack;
  private long wentBackNanos;

  BucketStream(Table table, NatsConfig config, NatsLink link, Pace pace, Ticker ticker) {
    this.table = table;
    this.config = config;
    this.link = link;
    this.pace = pace;
    this.ticker = ticker;
    this.filter = new RowFilter(table, config.regions());
    this.thread = Thread.ofVirtual().name("nats-" + table.label()).unstarted(this::run);
  }

  void start(Sink sink) {
    this.sink = sink;
    thread.start();
  }

  void resnapshot() {
    anew = true;
    onLinkUp();
    Delivery waitedFor = delivery;
    if (waitedFor != null) {
      waitedFor.close();
    }
  }

  /// There is no need to wait longer.
  void onLinkUp() {
    hurry.release();
  }

  void close() {
    closed = true;
    thread.interrupt();
  }

  void awaitEnd() {
    try {
      if (thread.getState() != Thread.State.NEW) {
        thread.join(CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Backoff backoff = new Backoff(ThreadLocalRandom.current());
    try {
      while (!closed) {
        long openedNanos = ticker.nanos();
        hurry.drainPermits();
        String loss = follow();
        if (closed) {
          return;
        }
        if (link.tried()) {
          sink.offer(new SourceEvent.Lost(table, loss));
        }
        if (ticker.nanos() - openedNanos > Backoff.LONGEST.toNanos()) {
          backoff.reset();
        }
        // sooner where the link came up, or someone asked for a snapshot
        hurry.tryAcquire(backoff.nextNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      // closing
    }
  }

  /// Opens the stream and follows it to its end.
  ///
  /// @return why it ended, in words
  private String follow() throws InterruptedException {
    String bucket = config.bucket(table);
    Connection connection;
    try {
      connection = link.connection();
    } catch (IOException e) {
      return e.getMessage();
    }
    try (Delivery opened = open(connection, bucket)) {
      delivery = opened;
      if (anew) {
        return "a new snapshot was asked for"; // between the opening and here
      }
      return read(connection, bucket, opened);
    } catch (JetStreamApiException e) {
      onRefusal(connection, e);
      return BucketFacts.words(bucket, e);
    } catch (IOException e) {
      onSilence(connection);
      return bucket + ": " + Legible.text(e.getMessage());
    } catch (IllegalStateException e) {
      return "the connection was closed";
    } finally {
      delivery = null;
    }
  }

  private Delivery open(Connection connection, String bucket)
      throws IOException, JetStreamApiException, InterruptedException {
    BucketFacts facts = BucketFacts.of(connection, bucket);
    link.onAnswer();
    if (anew) {
      anew = false;
      place.forget();
    }
    if (place.wentBack(facts) && isDoubted()) {
      throw new IOException(
          "it went back from revision " + place.revision() + " to " + facts.last() + ", for now");
    }
    wentBack = false;
    boolean resumes = place.known() && place.objection(connection, bucket, facts).isEmpty();
    Delivery opened =
        Delivery.open(connection, bucket, ">", resumes ? place.revision() + 1 : 0, pace);
    atOpen = facts;
    idles = 0;
    unanswered = 0;
    checkedNanos = ticker.nanos();
    inSnapshot = !resumes;
    if (resumes) {
      place.onFacts(facts);
      sink.offer(new SourceEvent.Resumed(table));
    } else {
      place.onSnapshotBegun(facts);
      doomed.clear();
      sink.offer(new SourceEvent.SnapshotBegun(table));
      if (opened.pendingAtOpen() == 0 && facts.keys() == 0) {
        endSnapshot();
      }
    }
    return opened;
  }

  /// Whether it is too soon to believe that the bucket went back.
  private boolean isDoubted() {
    if (!wentBack) {
      wentBack = true;
      wentBackNanos = ticker.nanos();
    }
    return ticker.nanos() - wentBackNanos < pace.patience().toNanos();
  }

  private String read(Connection connection, String bucket, Delivery from)
      throws InterruptedException {
    while (true) {
      Optional<String> loss =
          switch (from.next()) {
            case Delivery.Step.Entry entry -> onEntry(entry);
            case Delivery.Step.Idle _ -> onIdle();
            case Delivery.Step.Ended(String reason) ->
                Optional.of(anew ? "a new snapshot was asked for" : reason);
          };
      if (loss.isEmpty() && !inSnapshot) {
        loss = place.unheard();
      }
      boolean due = !place.waits() && ticker.nanos() - checkedNanos > pace.check().toNanos();
      if (loss.isEmpty() && !inSnapshot && due) {
        loss = check(connection, bucket);
      }
      if (loss.isPresent()) {
        return loss.get();
      }
    }
  }

  private Optional<String> onEntry(Delivery.Step.Entry entry) throws InterruptedException {
    Optional<String> impossible = place.onEntry(entry.revision(), entry.at());
    if (impossible.isPresent()) {
      place.forget();
      return impossible;
    }
    idles = 0;
    long rowid = place.keys().id(entry.key());
    boolean first = place.keys().add(rowid);
    Cells cells =
        entry.removed()
            ? RowJson.keyOnly(table, entry.key())
            : RowJson.read(table, entry.key(), entry.value());
    boolean present = !entry.removed() && filter.admits(cells);
    if (!inSnapshot) {
      Kind kind = !present ? Kind.DELETE : first ? Kind.INSERT : Kind.UPDATE;
      sink.offer(new SourceEvent.Changed(table, kind, rowid, cells, ++position));
      return Optional.empty();
    }
    if (present) {
      doomed.remove(rowid);
      sink.offer(new SourceEvent.Row(table, rowid, cells));
    } else if (!first) {
      doomed.put(rowid, cells); // it was told as a row, and cannot be taken back before the end
    }
    return entry.pending() == 0 && entry.revision() >= atOpen.last()
        ? endSnapshot()
        : Optional.empty();
  }

  private Optional<String> onIdle() throws InterruptedException {
    // A follower that lags may serve less than its leader has: what it lacks comes in a moment,
    // and would go and come back if the snapshot ended without it.
    boolean quiet = ++idles >= IDLE_ENOUGH;
    if (inSnapshot && (quiet || place.keys().size() >= atOpen.keys())) {
      return endSnapshot();
    }
    if (!inSnapshot && quiet) {
      place.onQuiet();
    }
    return Optional.empty();
  }

  /// @return why it does not hold
  private Optional<String> endSnapshot() throws InterruptedException {
    inSnapshot = false;
    place.onSnapshotEnded();
    position = 0;
    stream = config.bucket(table) + "@" + place.created().getEpochSecond() + ":" + place.revision();
    String source = config.servers().getFirst().toString();
    sink.offer(new SourceEvent.SnapshotEnded(table, new Watermark(source, stream, position)));
    for (Map.Entry<Long, Cells> gone : doomed.entrySet()) {
      sink.offer(
          new SourceEvent.Changed(table, Kind.DELETE, gone.getKey(), gone.getValue(), ++position));
    }
    doomed.clear();
    return place.onFacts(atOpen);
  }

  /// Asks the leader whether this still is what it has: a consumer may live on at a server that has
  /// lost its cluster, and hears of nothing that is purged.
  private Optional<String> check(Connection connection, String bucket) {
    checkedNanos = ticker.nanos();
    idles = 0;
    try {
      BucketFacts facts = BucketFacts.of(connection, bucket);
      link.onAnswer();
      unanswered = 0;
      return place.onFacts(facts);
    } catch (JetStreamApiException e) {
      onRefusal(connection, e);
      return Optional.of(BucketFacts.words(bucket, e));
    } catch (IOException | IllegalStateException e) {
      onSilence(connection);
      return ++unanswered < CHECKS_UNANSWERED
          ? Optional.empty()
          : Optional.of(bucket + ": its leader did not answer");
    }
  }

  private void onRefusal(Connection connection, JetStreamApiException e) {
    if (BucketFacts.isUnavailable(e)) {
      onSilence(connection);
    } else {
      link.onAnswer();
    }
  }

  private void onSilence(Connection connection) {
    link.onSilence(connection, pace.check().multipliedBy(CHECKS_UNANSWERED));
  }
}
