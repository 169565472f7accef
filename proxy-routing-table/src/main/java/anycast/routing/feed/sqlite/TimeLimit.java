package anycast.routing.feed.sqlite;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;

/// Interrupts SQL that does not end: a recursive query without a bound would otherwise hold the
/// writer, and with it every publisher, for ever.
///
/// **Threading.** Any; one daemon thread interrupts.
final class TimeLimit implements AutoCloseable {
  /// What a Corrosion agent gives a query where the client names nothing.
  static final Duration LONGEST = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(TimeLimit.class);

  private final Duration longest;
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().name("state-time-limit").daemon(true).factory());

  TimeLimit(Duration longest) {
    this.longest = longest;
    timer.setRemoveOnCancelPolicy(true);
  }

  /// Work under the limit; closing it ends the watch.
  final class Watch implements AutoCloseable {
    private final Future<?> due;

    private Watch(SQLiteConnection connection, Duration limit) {
      due =
          timer.schedule(() -> interrupt(connection, limit), limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
      due.cancel(false);
    }
  }

  /// Begins to watch what runs on this connection.
  Watch watch(SQLiteConnection connection) {
    return watch(connection, longest);
  }

  /// Begins to watch what runs on this connection, with a limit of its own.
  Watch watch(SQLiteConnection connection, Duration limit) {
    return new Watch(connection, limit);
  }

  private void interrupt(SQLiteConnection connection, Duration limit) {
    LOG.warn("a statement ran for more than {} and was interrupted", limit);
    try {
      if (!connection.isClosed()) {
        connection.getDatabase().interrupt();
      }
    } catch (SQLException e) {
      LOG.debug("interrupting", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
