package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;

/// All queries that are followed, and the one thread that follows them.
///
/// ```
///  writer ──commit──► [touched rowids, merged] ──10 ms──► matching thread ──lines──► subscribers
/// ```
///
/// The writer leaves rowids behind and goes on. Because a touched row is asked for as it is *now*,
/// it does not matter how many commits lie between: merging them loses nothing.
///
/// **Threading.** The matching thread owns the matchers and a reading connection. Others offer
/// commands and wait for the answer. Touched rowids are merged under a lock held for a set union.
/// **Limits.** Distinct queries, readers a query, touched rowids (at most the rows there are).
final class Matching implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Matching.class);

  /// How long rowids gather after the first: a burst of commits becomes one batch, and a change
  /// still takes no more than a fiftieth of a second to leave.
  private static final Duration GATHERING = Duration.ofMillis(10);

  /// As an agent: a query that nobody reads is forgotten after ten minutes.
  private static final Duration UNUSED = Duration.ofMinutes(10);

  private static final Duration SWEEP = Duration.ofSeconds(60);

  /// A fleet has some twenty; each holds its result in memory.
  private static final int MAX_QUERIES = 256;

  /// A thread and a queue each; a fleet's edges several times over.
  private static final int MAX_SUBSCRIBERS = 10_000;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /// What a request to follow came to.
  sealed interface Answer {
    /// @param hash of the expanded SQL, 16 hex digits
    record Following(UUID id, String hash, Subscriber subscriber) implements Answer {}

    record Refused(int status, String reason) implements Answer {}
  }

  /// What a reader asks for.
  ///
  /// @param from the last change it has; 0 = none, a whole snapshot; -1 = not said
  record Wish(long from, boolean skipRows) {}

  private record Followed(Matcher matcher, String sql, String hash, long[] unusedSinceNanos) {}

  private final Ticker ticker;
  private final int subscriberCapacity;
  private final SQLiteConnection reader;
  private final LinkedBlockingQueue<Runnable> commands = new LinkedBlockingQueue<>();
  private final Object touchedGuard = new Object();
  private Map<Table, Set<Long>> touched = new EnumMap<>(Table.class);
  private final Thread thread;
  private volatile boolean closed;

  // The matching thread's from here on.
  private final Map<UUID, Followed> byId = new HashMap<>();
  private final Map<String, Followed> bySql = new HashMap<>();
  private long sweptNanos;

  Matching(StateStore store, Ticker ticker, int subscriberCapacity) throws SQLException {
    this.ticker = ticker;
    this.subscriberCapacity = subscriberCapacity;
    this.reader = store.reader();
    this.sweptNanos = ticker.nanos();
    this.thread = Thread.ofPlatform().name("state-matching").daemon(true).unstarted(this::run);
    store.onTouched(this::offerTouched);
  }

  void start() {
    thread.start();
  }

  private void offerTouched(Map<Table, Set<Long>> rowids) {
    boolean first;
    synchronized (touchedGuard) {
      first = touched.isEmpty();
      rowids.forEach(
          (table, ids) -> touched.computeIfAbsent(table, _ -> new HashSet<>()).addAll(ids));
    }
    if (first) {
      commands.add(this::onTouched);
    }
  }

  /// Follows a query.
  ///
  /// @param sql expanded
  Answer subscribe(String sql, Wish wish) throws InterruptedException {
    return ask(() -> onSubscribe(sql, wish));
  }

  /// Follows a query that is known by its id.
  Answer resume(UUID id, Wish wish) throws InterruptedException {
    return ask(() -> {
      Followed followed = byId.get(id);
      return followed == null
          ? new Answer.Refused(404, "could not find subscription with id " + id)
          : onFollow(followed, wish);
    });
  }

  /// Forgets a reader that left.
  void leave(UUID id, Subscriber subscriber) {
    subscriber.end();
    commands.add(() -> {
      Followed followed = byId.get(id);
      if (followed != null) {
        followed.matcher().remove(subscriber);
      }
    });
  }

  /// How many readers there are now.
  int subscriberCount() throws InterruptedException {
    return ask(() -> byId.values().stream().mapToInt(f -> f.matcher().subscriberCount()).sum());
  }

  private <T> T ask(java.util.function.Supplier<T> question) throws InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    commands.add(() -> {
      try {
        answer.complete(question.get());
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    if (closed) {
      throw new InterruptedException("the server closes");
    }
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private void run() {
    try {
      while (!closed) {
        Runnable command = commands.poll(SWEEP.toNanos(), TimeUnit.NANOSECONDS);
        if (command != null) {
          command.run();
        }
        if (ticker.nanos() - sweptNanos > SWEEP.toNanos()) {
          sweep();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("matching ends");
    } finally {
      end();
    }
  }

  private void onTouched() {
    try {
      Thread.sleep(GATHERING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Map<Table, Set<Long>> batch;
    synchronized (touchedGuard) {
      batch = touched;
      touched = new EnumMap<>(Table.class);
    }
    for (Iterator<Followed> all = byId.values().iterator(); all.hasNext(); ) {
      Followed followed = all.next();
      Set<Long> rowids = batch.getOrDefault(followed.matcher().table(), Set.of());
      try {
        followed.matcher().onTouched(rowids);
      } catch (SQLException | RuntimeException e) {
        // What its readers hold may be incomplete now: they find the id unknown and begin anew.
        LOG.error("a followed query failed and is given up: {}", Legible.text(followed.sql()), e);
        all.remove();
        bySql.remove(followed.sql());
        followed.matcher().close();
      }
    }
  }

  private Answer onSubscribe(String sql, Wish wish) {
    Followed followed = bySql.get(sql);
    if (followed == null) {
      if (wish.from() >= 0) {
        return new Answer.Refused(400, "there is no such subscription to go on with from a change");
      }
      if (byId.size() >= MAX_QUERIES) {
        return new Answer.Refused(503, "more than " + MAX_QUERIES + " distinct queries");
      }
      try {
        Matcher matcher = new Matcher(SelectShape.of(sql), reader);
        followed = new Followed(matcher, sql, hash(sql), new long[] {ticker.nanos()});
      } catch (SQLException | IllegalArgumentException e) {
        return new Answer.Refused(400, String.valueOf(e.getMessage()));
      }
      byId.put(followed.matcher().id(), followed);
      bySql.put(sql, followed);
    }
    return onFollow(followed, wish);
  }

  private Answer onFollow(Followed followed, Wish wish) {
    if (followed.matcher().subscriberCount() >= MAX_SUBSCRIBERS) {
      return new Answer.Refused(503, "max concurrency limit reached");
    }
    Matcher matcher = followed.matcher();
    Subscriber subscriber;
    if (wish.from() > 0) {
      subscriber = matcher.resume(wish.from(), subscriberCapacity);
    } else if (wish.skipRows()) {
      subscriber = matcher.changesOnly(subscriberCapacity);
    } else {
      subscriber = matcher.snapshot(subscriberCapacity);
    }
    return new Answer.Following(matcher.id(), followed.hash(), subscriber);
  }

  private void sweep() {
    long now = ticker.nanos();
    sweptNanos = now;
    for (Iterator<Followed> all = byId.values().iterator(); all.hasNext(); ) {
      Followed followed = all.next();
      if (!followed.matcher().isUnused()) {
        followed.unusedSinceNanos()[0] = now;
      } else if (now - followed.unusedSinceNanos()[0] > UNUSED.toNanos()) {
        all.remove();
        bySql.remove(followed.sql());
        followed.matcher().close();
      }
    }
  }

  private void end() {
    byId.values().forEach(f -> f.matcher().close());
    for (Runnable late = commands.poll(); late != null; late = commands.poll()) {
      LOG.debug("a command came too late");
    }
    try {
      reader.close();
    } catch (SQLException e) {
      LOG.debug("closing the reading connection", e);
    }
  }

  private static String hash(String sql) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(sql.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().toHexDigits(ByteBuffer.wrap(digest).getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
