package anycast.routing.feed.corrosion;

import anycast.routing.feed.Legible;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the fleet what this process owns: its node, a worker's instances, and a beat every second.
///
/// A worker writes where an instance is; whether it runs is said by whoever operates it. So an
/// instance that was stopped in state stays stopped when its worker restarts: `state` is written
/// with a new row only. A row that says the same already is not touched, so nobody is told of a
/// change that is none.
///
/// **Threading.** One thread of its own, which blocks on state; no event loop waits for it.
/// **Faults.** State that cannot be written is tried again, at growing, jittered distances; edges
/// go on with what they know.
public final class Publisher implements AutoCloseable {
  private static final long BEAT_MILLIS = 1_000;

  /// Beats after which the rows are looked at again: a store that was restored from a backup has
  /// them back within half a minute.
  private static final int BEATS_A_REPAIR = 30;

  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 5_000;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

  private final StateClient state;
  private final NodeId node;
  private final List<Statement> rows;
  private final InstantSource clock;
  private final CountDownLatch published = new CountDownLatch(1);
  private final Thread thread;

  private volatile boolean closed;

  /// @param node the row of this node, with the address that edges connect to; none on an edge
  /// @param instances all that this process owns, none on an edge; others of this node are removed
  public Publisher(StateClient state, Node node, List<Instance> instances, InstantSource clock) {
    this.state = state;
    this.node = node.id();
    this.clock = clock;
    this.rows = rows(node, instances, clock.millis());
    this.thread = Thread.ofPlatform().name("publisher").daemon(true).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Waits until the rows stand in state.
  ///
  /// @return false where `timeout` passed first
  public boolean awaitPublished(Duration timeout) throws InterruptedException {
    return published.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  public boolean isPublished() {
    return published.getCount() == 0;
  }

  /// Withdraws the node and its beat, so that edges choose others before this one refuses; gives up
  /// quietly where state does not answer.
  public void withdraw(Duration timeout) throws InterruptedException {
    close();
    Thread removal =
        Thread.ofVirtual()
            .start(() -> {
              try {
                state.transact(
                    List.of(
                        Statement.remove(Table.NODES, node.value()),
                        Statement.remove(Table.BEATS, node.value())));
              } catch (StateException e) {
                LOG.info("node was not withdrawn: {}", Legible.text(e.getMessage()));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    removal.join(timeout);
    removal.interrupt();
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

  private void run() {
    long beat = clock.millis();
    long sinceRows = 0;
    int failures = 0;
    boolean owing = true;
    while (!closed) {
      try {
        List<Statement> statements = new ArrayList<>();
        if (owing) {
          statements.addAll(rows);
        }
        statements.add(beat(++beat));
        state.transact(statements);
        published.countDown();
        if (failures > 0) {
          LOG.info("state is written again, after {} attempts that failed", failures);
        }
        failures = 0;
        owing = ++sinceRows % BEATS_A_REPAIR == 0;
        TimeUnit.MILLISECONDS.sleep(BEAT_MILLIS);
      } catch (StateException e) {
        if (Integer.bitCount(failures + 1) == 1) {
          // 1, 2, 4, 8: a store that stays away must not fill the log.
          LOG.warn(
              "state was not written, {} in a row: {}", failures + 1, Legible.text(e.getMessage()));
        }
        owing = true;
        if (!pause(failures++)) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static boolean pause(int failures) {
    long most = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures, 10));
    try {
      TimeUnit.MILLISECONDS.sleep(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /// `seq` begins at the wall clock, so that it grows over a restart too.
  private Statement beat(long seq) {
    return Statement.put(Table.BEATS, List.of(node.value(), seq, clock.millis(), 0L));
  }

  private static List<Statement> rows(Node node, List<Instance> instances, long nowMillis) {
    List<Statement> rows = new ArrayList<>();
    rows.add(upsert(node, nowMillis, List.of("region", "role", "backhaul")));
    StringBuilder others = new StringBuilder("DELETE FROM instances WHERE node = ?");
    List<Object> params = new ArrayList<>(List.of(node.id().value()));
    for (Instance instance : instances) {
      rows.add(upsert(instance, nowMillis, List.of("app", "region", "address", "port", "labels")));
      others.append(" AND id <> ?");
      params.add(instance.id().value());
    }
    rows.add(new Statement(others.toString(), params));
    return rows;
  }

  /// Inserts the row, or brings these columns up to date where one differs.
  private static Statement upsert(Entity entity, long nowMillis, List<String> owned) {
    Table table = RowCodec.table(entity.key());
    Statement whole = Statement.put(table, RowCodec.encode(entity, nowMillis));
    String insert = whole.sql().substring(0, whole.sql().indexOf(" DO UPDATE SET "));
    StringBuilder sets = new StringBuilder();
    StringBuilder differs = new StringBuilder();
    for (String column : owned) {
      sets.append(column).append(" = excluded.").append(column).append(", ");
      differs.append(differs.isEmpty() ? "" : " OR ");
      differs.append(table.label()).append('.').append(column);
      differs.append(" <> excluded.").append(column);
    }
    for (Table.Column column : table.columns()) {
      if (column.name().equals("gen") || column.name().equals("updated_ms")) {
        sets.append(column.name()).append(" = excluded.").append(column.name()).append(", ");
      }
    }
    sets.setLength(sets.length() - 2);
    return new Statement(insert + " DO UPDATE SET " + sets + " WHERE " + differs, whole.params());
  }
}
