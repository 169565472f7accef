package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import anycast.routing.feed.sqlite.FollowedQuery.Opening;
import anycast.routing.feed.sqlite.FollowedQuery.Wish;
import anycast.routing.time.Ticker;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that follows queries, and the way to it.
///
/// ```
///  writer ──commit──► [touched rowids, merged] ──gather──► matching thread ──batch──► subscribers
/// ```
///
/// The writer leaves rowids behind and goes on. Because a touched row is asked for as it is *now*,
/// it does not matter how many commits lie between: merging them loses nothing.
///
/// Telling a batch costs its readers a wake-up and a write each, whatever it holds. So the next one
/// waits for the longer of the gathering time and what the last one cost: with few readers the
/// former, with thousands the latter, and a storm of commits cannot take up the processors.
///
/// **Threading.** The matching thread owns [FollowedSet]. Others offer commands and wait for the
/// answer. **Limits.** Touched rowids (at most the rows there are); commands, by the requests that
/// the API admits. **Faults.** After the end every question is answered with 503.
final class Matching implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Matching.class);

  /// Measured: a wake-up and a write to a loopback socket are 14 µs of processor time, so readers
  /// take at most about half of one processor.
  private static final long READER_COST_NANOS = 25_000;

  private static final Duration SWEEP = Duration.ofSeconds(60);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

  /// What a request to follow came to.
  sealed interface Answer {
    /// @param hash of the expanded SQL, 16 hex digits; empty where a table is followed
    record Following(UUID id, String hash, Opening opening, Subscriber subscriber)
        implements Answer {}

    record Refused(int status, String reason) implements Answer {}
  }

  private static final Answer STOPPING = new Answer.Refused(503, "the store is stopping");

  private final Ticker ticker;
  private final long gatherNanos;
  private final FollowedSet followed;
  private final LinkedBlockingQueue<Runnable> commands = new LinkedBlockingQueue<>();
  private final TouchedRows touched;
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean ended;

  // The matching thread's from here on.
  private boolean gathering;
  private long gatheringSinceNanos;
  private long restUntilNanos;
  private long sweptNanos;

  Matching(StateStore store, Ticker ticker, ServerSettings settings) throws SQLException {
    this.ticker = ticker;
    this.gatherNanos = settings.gather().toNanos();
    this.followed = new FollowedSet(store, ticker, settings);
    this.sweptNanos = ticker.nanos();
    this.restUntilNanos = sweptNanos;
    this.thread = Thread.ofPlatform().name("state-matching").daemon(true).unstarted(this::run);
    this.touched =
        new TouchedRows(() -> commands.add(this::onFirstTouched), () -> commands.add(() -> {}));
    store.onTouched(touched::add);
  }

  /// Takes up what an orderly stop left behind, then begins. Nobody may write to the store before.
  void start() {
    followed.restore();
    thread.start();
  }

  /// Follows a query.
  ///
  /// @param sql expanded
  Answer subscribe(String sql, Wish wish) throws InterruptedException {
    return ask(() -> followed.onSubscribe(sql, wish), STOPPING);
  }

  /// Follows what is known by its id.
  Answer resume(UUID id, Wish wish) throws InterruptedException {
    return ask(() -> followed.onResume(id, wish), STOPPING);
  }

  /// Follows a table's keys.
  Answer notices(Table table) throws InterruptedException {
    return ask(
        () -> {
          // What was touched before it came is not its business.
          followed.onTouched(touched.take());
          return followed.onNotices(table);
        },
        STOPPING);
  }

  /// Forgets a reader that left.
  void leave(UUID id, Subscriber subscriber) {
    subscriber.end();
    commands.add(() -> followed.onLeave(id, subscriber));
  }

  /// How many readers there are now.
  int subscriberCount() throws InterruptedException {
    return ask(followed::readers, 0);
  }

  private <T> T ask(Supplier<T> question, T late) throws InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    commands.add(() -> {
      try {
        answer.complete(ended ? late : question.get());
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    if (ended) {
      answer.complete(late);
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
        step(commands.poll(Math.max(0, waitNanos()), TimeUnit.NANOSECONDS));
      }
    } catch (InterruptedException e) {
      LOG.warn("matching was interrupted");
    } finally {
      end();
    }
  }

  private long waitNanos() {
    return gathering ? dueNanos() - ticker.nanos() : SWEEP.toNanos();
  }

  private long dueNanos() {
    long gathered = gatheringSinceNanos + (touched.isMany() ? 0 : gatherNanos);
    return gathered - restUntilNanos > 0 ? gathered : restUntilNanos;
  }

  /// @param command null = the wait is over
  private void step(Runnable command) {
    if (command != null) {
      command.run();
    }
    if (gathering && (command == null || waitNanos() <= 0)) {
      gathering = false;
      int told = followed.onTouched(touched.take());
      restUntilNanos = ticker.nanos() + told * READER_COST_NANOS;
    }
    if (ticker.nanos() - sweptNanos > SWEEP.toNanos()) {
      sweptNanos = ticker.nanos();
      followed.sweep();
    }
  }

  private void onFirstTouched() {
    gathering = true;
    gatheringSinceNanos = ticker.nanos();
  }

  private void end() {
    try {
      followed.finish(touched::take);
    } finally {
      ended = true;
      for (Runnable late = commands.poll(); late != null; late = commands.poll()) {
        late.run();
      }
      followed.close();
    }
  }

  /// Tells readers what was still touched, ends their streams and saves for a next start. Nobody
  /// may write to the store any more.
  @Override
  public void close() {
    closed = true;
    if (thread.getState() == Thread.State.NEW) {
      end();
      return;
    }
    commands.add(() -> {});
    try {
      if (!thread.join(CLOSE_TIMEOUT)) {
        LOG.warn("matching did not end within {}", CLOSE_TIMEOUT);
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
