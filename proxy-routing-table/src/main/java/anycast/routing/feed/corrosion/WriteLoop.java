package anycast.routing.feed.corrosion;

import anycast.routing.feed.Backoff;
import anycast.routing.feed.Legible;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes to one store at even distances, and at growing, jittered ones while that fails.
///
/// **Threading.** One thread of its own, which blocks on the store.
final class WriteLoop implements AutoCloseable {
  /// One round.
  @FunctionalInterface
  interface Write {
    void write() throws StateException, InterruptedException;
  }

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(WriteLoop.class);

  private final String store;
  private final Duration period;
  private final Write write;
  private final Thread thread;

  private volatile boolean closed;

  /// @param store its name, for the log
  WriteLoop(String store, Duration period, Write write) {
    this.store = store;
    this.period = period;
    this.write = write;
    this.thread = Thread.ofPlatform().name("publisher-" + store).daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    Backoff backoff = new Backoff(ThreadLocalRandom.current());
    int failures = 0;
    try {
      while (!closed) {
        try {
          write.write();
          if (failures > 0) {
            LOG.info("{} state is written again, after {} attempts that failed", store, failures);
            backoff.reset();
          }
          failures = 0;
          TimeUnit.NANOSECONDS.sleep(period.toNanos());
        } catch (StateException | RuntimeException e) {
          // a bug of ours is no reason to vanish from state
          failures++;
          if (Integer.bitCount(failures) == 1) {
            // 1, 2, 4, 8: a store that stays away must not fill the log.
            String why = Legible.text(e instanceof StateException ? e.getMessage() : e.toString());
            LOG.warn("{} state was not written, {} in a row: {}", store, failures, why);
          }
          TimeUnit.NANOSECONDS.sleep(backoff.nextNanos());
        }
      }
    } catch (InterruptedException e) {
      // closing
    }
  }

  /// Stops writing.
  @Override
  public void close() {
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
}
