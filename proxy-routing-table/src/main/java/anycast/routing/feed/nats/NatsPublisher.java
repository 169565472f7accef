package anycast.routing.feed.nats;

import anycast.routing.feed.Backoff;
import anycast.routing.feed.Legible;
import anycast.routing.feed.RejectPace;
import anycast.routing.feed.RejectRow;
import anycast.routing.feed.StatePublisher;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.Node;
import anycast.routing.time.Ticker;
import io.nats.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells through buckets of NATS JetStream what this process owns.
///
/// **Threading.** One thread of its own.
public final class NatsPublisher implements StatePublisher {
  private static final long BEAT_MILLIS = 1_000;

  /// Beats after which the rows are looked at again: buckets that were restored from a backup have
  /// them back within half a minute.
  private static final int BEATS_A_REPAIR = 30;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(NatsPublisher.class);

  private final NatsConfig config;
  private final OwnRows rows;
  private final LongSupplier ageMillis;
  private final InstantSource clock;
  private final NatsLink link;
  private final Semaphore up = new Semaphore(0);
  private final CountDownLatch published = new CountDownLatch(1);
  private final Thread thread;

  /// Null = nobody knows.
  private volatile Supplier<List<RejectRow>> keptOut;

  // The thread's.
  private final RejectPace rejects = new RejectPace();

  private volatile boolean closed;

  /// Null until the checks spoke.
  private volatile List<InstanceHealth> health;

  /// Without telling which apps this node has.
  public NatsPublisher(
      NatsConfig config,
      Node node,
      List<Instance> instances,
      LongSupplier ageMillis,
      InstantSource clock) {
    this(config, node, instances, false, ageMillis, clock);
  }

  /// @param node the row of this node, with the address that edges connect to
  /// @param instances all that this process owns, none on an edge; others of this node are removed
  /// @param appRegions whether to tell also which apps this node has, for edges of other regions
  /// @param ageMillis how old what this process knows is; for the beats
  public NatsPublisher(
      NatsConfig config,
      Node node,
      List<Instance> instances,
      boolean appRegions,
      LongSupplier ageMillis,
      InstantSource clock) {
    this.config = config;
    this.rows = new OwnRows(config, node, instances, appRegions);
    this.ageMillis = ageMillis;
    this.clock = clock;
    this.link = new NatsLink(config, "anycast-" + node.id().value(), Ticker.system(), up::release);
    this.thread = Thread.ofPlatform().name("publisher").daemon(true).unstarted(this::run);
  }

  @Override
  public void start() {
    link.start();
    thread.start();
  }

  @Override
  public boolean awaitPublished(Duration timeout) throws InterruptedException {
    return published.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void health(List<InstanceHealth> rows) {
    health = List.copyOf(rows);
  }

  @Override
  public void rejects(Supplier<List<RejectRow>> rows) {
    keptOut = rows;
  }

  @Override
  public boolean isPublished() {
    return published.getCount() == 0;
  }

  @Override
  public void withdraw(Duration timeout) throws InterruptedException {
    stopWriting();
    Thread removal =
        Thread.ofVirtual()
            .start(() -> {
              try {
                rows.withdraw(link.connection());
              } catch (IOException | IllegalStateException e) {
                LOG.info("node was not withdrawn: {}", Legible.text(e.getMessage()));
              }
            });
    removal.join(timeout);
    removal.interrupt();
    link.close();
  }

  @Override
  public void close() {
    stopWriting();
    link.close();
  }

  private void stopWriting() {
    closed = true;
    thread.interrupt();
    try {
      if (thread.isAlive()) {
        thread.join(CLOSE_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long seq = clock.millis(); // grows over a restart too
    long beats = 0;
    int failures = 0;
    boolean made = false;
    boolean owing = true;
    List<InstanceHealth> healthWritten = null;
    Backoff backoff = new Backoff(ThreadLocalRandom.current());
    try {
      while (!closed) {
        try {
          Connection connection = link.connection();
          if (!made) {
            // once: who takes a bucket away later, to restore it, wants it to stay away
            NatsState.makeBuckets(connection, config, OwnRows.buckets());
            made = true;
          }
          if (owing) {
            rows.write(connection, clock.millis());
          }
          List<InstanceHealth> found = health;
          if (found != null && (owing || found != healthWritten)) {
            rows.writeHealth(connection, found);
            healthWritten = found;
          }
          rows.beat(connection, ++seq, clock.millis(), ageMillis.getAsLong());
          tellRejects(connection, owing);
          link.onAnswer();
          published.countDown();
          failures = told(failures);
          backoff.reset();
          owing = ++beats % BEATS_A_REPAIR == 0;
          TimeUnit.MILLISECONDS.sleep(BEAT_MILLIS);
        } catch (IOException | IllegalStateException e) {
          if (link.tried()) {
            tell(++failures, e);
          }
          owing = true;
          // whatever it was: another server may be able
          link.onSilence(Duration.ofMillis(3 * BEAT_MILLIS));
          up.drainPermits();
          up.tryAcquire(backoff.nextNanos(), TimeUnit.NANOSECONDS);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the publisher ends");
    }
  }

  /// Never at the cost of the beats: with whatever bucket this goes wrong, the node is alive.
  private void tellRejects(Connection connection, boolean again) throws InterruptedException {
    if (keptOut == null) {
      return;
    }
    try {
      List<RejectRow> kept = rejects.next(keptOut.get(), again, Ticker.system().nanos());
      if (kept != null) {
        rows.writeRejects(connection, kept);
        rejects.onWritten(kept);
      }
    } catch (IOException | RuntimeException e) {
      if (rejects.onFailed(Ticker.system().nanos())) {
        LOG.warn("what this node keeps out was not told: {}", Legible.text(e.getMessage()));
      }
    }
  }

  /// @return 0: none in a row
  private static int told(int failures) {
    if (failures > 0) {
      LOG.info("state is written again, after {} attempts that failed", failures);
    }
    return 0;
  }

  private static void tell(int failures, Exception e) {
    if (Integer.bitCount(failures) == 1) {
      // 1, 2, 4, 8: a cluster that stays away must not fill the log
      LOG.warn("state was not written, {} in a row: {}", failures, Legible.text(e.getMessage()));
    }
  }
}
