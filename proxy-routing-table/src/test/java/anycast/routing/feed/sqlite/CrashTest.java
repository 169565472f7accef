package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Eventually;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.StateException;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is left after a kill, and after a power cut.
@Timeout(180)
final class CrashTest {
  private static final int WRITERS = 6;
  private static final int KILLS = 4;

  @TempDir Path directory;

  /// Each transaction writes an app and its hostname: half of one would show.
  private static List<Statement> pair(String name) {
    return List.of(
        new Statement("INSERT INTO apps (name, gen) VALUES (?, 1)", List.of(name)),
        new Statement("INSERT INTO hostnames (name, app) VALUES (?, ?)", List.of(name, name)));
  }

  private static Set<String> names(StateClient client, String table) throws Exception {
    Set<String> names = new HashSet<>();
    client
        .query(new Statement("SELECT name FROM " + table, List.of()))
        .forEach(row -> names.add((String) row.getFirst()));
    return names;
  }

  @Test
  void killAtAnyPointLosesNothingAcknowledgedAndSplitsNoTransaction() throws Exception {
    Path database = directory.resolve("state.db");
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    Set<String> sent = ConcurrentHashMap.newKeySet();
    Random random = new Random(1);
    boolean readBack = false;
    for (int kill = 0; kill <= KILLS; kill++) {
      try (StoreProcess store = StoreProcess.serving(directory, database)) {
        readBack |= store.said().contains("after a crash");
        try (StateClient client = store.client()) {
          Set<String> apps = names(client, "apps");
          assertEquals(apps, names(client, "hostnames"), "a transaction was split");
          assertTrue(apps.containsAll(acknowledged), "an acknowledged transaction is lost");
          assertTrue(sent.containsAll(apps), "rows that nobody sent");
        }
        if (kill < KILLS) {
          writeUntilKilled(store, kill, 20 + random.nextInt(200), sent, acknowledged);
        }
      }
    }
    assertTrue(acknowledged.size() > 20 * KILLS, "only " + acknowledged.size());
    assertTrue(readBack, "no start found a log to read back");
  }

  private static void writeUntilKilled(
      StoreProcess store, int round, int least, Set<String> sent, Set<String> acknowledged)
      throws Exception {
    AtomicInteger written = new AtomicInteger();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      writers.add(
          Thread.ofVirtual()
              .start(() -> {
                try (StateClient client = store.client()) {
                  for (int n = 0; ; n++) {
                    String name = round + "-" + writer + "-" + n;
                    sent.add(name);
                    client.transact(pair(name));
                    acknowledged.add(name);
                    written.incrementAndGet();
                  }
                } catch (StateException e) {
                  // killed: this one may have been written or not
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    new Eventually().await(least + " transactions", () -> written.get() >= least);
    store.kill();
    for (Thread writer : writers) {
      writer.join();
    }
  }

  /// A power cut leaves any beginning of the log, its last part torn.
  @Test
  void tornLogLeavesTheTransactionsUpToTheTear() throws Exception {
    Path database = directory.resolve("live.db");
    Path torn = directory.resolve("torn.db");
    Path log = directory.resolve("live.db-wal");
    try (StateStore store = StateStore.open(database, SyncPolicy.NORMAL, Ticker.system())) {
      for (int i = 0; i < 50; i++) {
        List<SqlStatement> statements = new ArrayList<>();
        for (String table : List.of("apps", "hostnames")) {
          String sql = "INSERT INTO %s (name) VALUES ('%03d')".formatted(table, i);
          statements.add(SqlStatement.of(JsonNodeFactory.instance.textNode(sql)));
        }
        assertEquals("", store.transact(statements).error());
      }
      Random random = new Random(2);
      Set<Long> lengths = new HashSet<>();
      for (int cut = 0; cut < 12; cut++) {
        StateFileTest.remove(torn);
        Files.copy(database, torn);
        Path tornLog = directory.resolve("torn.db-wal");
        Files.copy(log, tornLog);
        try (RandomAccessFile file = new RandomAccessFile(tornLog.toFile(), "rw")) {
          long length = random.nextLong(file.length());
          file.setLength(length);
          if (cut % 2 == 0 && length > 64) {
            file.seek(length - 32);
            file.write(new byte[32]); // allocated, never written
          }
        }
        lengths.add(opensWithABeginning(torn));
      }
      assertTrue(lengths.size() > 3, "the cuts met few different points: " + lengths);
    }
  }

  private static long opensWithABeginning(Path database) throws Exception {
    try (StateStore store = StateStore.open(database, Ticker.system());
        var reader = store.reader();
        var statement = reader.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM apps), (SELECT max(name) FROM apps),"
                    + " (SELECT count(*) FROM hostnames), (SELECT max(name) FROM hostnames)")) {
      rows.next();
      long count = rows.getLong(1);
      assertEquals(count, rows.getLong(3));
      if (count > 0) {
        assertEquals("%03d".formatted(count - 1), rows.getString(2));
        assertEquals(rows.getString(2), rows.getString(4));
      }
      return count;
    }
  }
}
