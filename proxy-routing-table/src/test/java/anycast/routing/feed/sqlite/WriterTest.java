package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Table;
import anycast.routing.feed.sqlite.StateStore.Outcome;
import anycast.routing.time.Ticker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Transactions that share a commit.
@Timeout(60)
final class WriterTest {
  private static final String ENDLESS =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO apps (name)"
          + " SELECT 'n' FROM n WHERE i < 0";

  @TempDir Path directory;

  private final TimeLimit timeLimit = new TimeLimit(TimeLimit.LONGEST);
  private final List<Map<Table, Set<Long>>> told = new CopyOnWriteArrayList<>();
  private Path database;
  private Writer writer;

  @BeforeEach
  void start() throws Exception {
    database = directory.resolve("state.db");
    StateFileTest.open(database).close();
    var connection = WriteConnection.of(StoreConnections.writing(database, SyncPolicy.FULL));
    writer = new Writer(database, SyncPolicy.FULL, connection, timeLimit, Ticker.system());
    writer.onTouched(told::add);
    writer.start();
  }

  @AfterEach
  void stop() {
    writer.close();
    timeLimit.close();
  }

  private CompletableFuture<Outcome> submit(String... statements) throws Exception {
    List<SqlStatement> all = new ArrayList<>();
    for (String statement : statements) {
      all.add(StateFileTest.sql(statement));
    }
    boolean endless = statements[0].equals(ENDLESS);
    return writer.submit(all, endless ? Duration.ofMillis(300) : TimeLimit.LONGEST);
  }

  private CompletableFuture<Outcome> app(String name) throws Exception {
    return submit("INSERT INTO apps (name) VALUES ('" + name + "')");
  }

  private String apps() throws SQLException {
    try (Connection reader = StoreConnections.reading(database);
        var statement = reader.createStatement();
        var rows = statement.executeQuery("SELECT group_concat(name, ' ') FROM apps")) {
      rows.next();
      return rows.getString(1);
    }
  }

  /// Holds the file until all of these wait: then they are one group.
  private List<Outcome> together(List<String[]> transactions) throws Exception {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    try (Connection other = StoreConnections.writing(database, SyncPolicy.FULL);
        var statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      for (String[] transaction : transactions) {
        answers.add(submit(transaction));
      }
      statement.execute("COMMIT");
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (CompletableFuture<Outcome> answer : answers) {
      outcomes.add(answer.get(30, TimeUnit.SECONDS));
    }
    return outcomes;
  }

  private static String[] insert(String name) {
    return new String[] {"INSERT INTO apps (name) VALUES ('" + name + "')"};
  }

  @Test
  void failedTransactionTakesNobodyOfItsGroupWithIt() throws Exception {
    List<Outcome> outcomes =
        together(
            List.of(
                insert("a"),
                new String[] {insert("half")[0], "INSERT INTO nowhere VALUES (1)"},
                new String[] {insert("half")[0], "COMMIT"},
                insert("a"),
                insert("b")));
    assertEquals(List.of(200, 500, 500, 500, 200), outcomes.stream().map(Outcome::status).toList());
    assertEquals(OptionalLong.of(1), outcomes.getFirst().version());
    assertEquals(OptionalLong.of(2), outcomes.getLast().version());
    assertEquals("a b", apps());
    assertEquals(2, told.size(), "each commit is told by itself");
  }

  @Test
  void othersRunAgainWhereOneWasInterruptedAndTookTheGroupWithIt() throws Exception {
    List<Outcome> outcomes =
        together(List.of(insert("a"), insert("b"), new String[] {ENDLESS}, insert("c")));
    assertEquals(List.of(200, 200, 500, 200), outcomes.stream().map(Outcome::status).toList());
    assertTrue(outcomes.get(2).error().contains("interrupt"), outcomes.get(2).error());
    assertEquals("a b c", apps());
    assertEquals(3, told.size());
  }

  @Test
  void listenerThatThrowsStopsNoWriting() throws Exception {
    writer.onTouched(rowids -> {
      throw new IllegalStateException("a bug elsewhere");
    });
    assertEquals(200, app("a").get().status());
    assertEquals(200, app("b").get().status());
  }

  @Test
  void lockHeldByAnotherForTooLongIsUnavailableAndPasses() throws Exception {
    try (Connection other = StoreConnections.writing(database, SyncPolicy.FULL);
        var statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      Outcome outcome = app("a").get(30, TimeUnit.SECONDS);
      assertEquals(503, outcome.status());
      assertTrue(outcome.error().contains("another process writes"), outcome.error());
      assertFalse(writer.trouble().isEmpty());
      statement.execute("ROLLBACK");
    }
    assertEquals(200, app("a").get().status());
    assertEquals("", writer.trouble());
  }

  @Test
  void fileThatWasReplacedUnderTheStoreIsNotWritten() throws Exception {
    assertEquals(200, app("a").get().status());
    Files.move(database, directory.resolve("moved.db"));
    Outcome outcome = app("b").get();
    assertEquals(503, outcome.status());
    assertTrue(outcome.error().contains("was moved or replaced"), outcome.error());
    assertEquals(503, app("c").get().status());
  }

  @Test
  void closingWritesWhatWaitsAndRefusesWhatComes() throws Exception {
    List<CompletableFuture<Outcome>> before = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      before.add(app("a" + i));
    }
    writer.finish();
    for (CompletableFuture<Outcome> answer : before) {
      assertEquals(200, answer.get(1, TimeUnit.SECONDS).status());
    }
    Outcome late = app("late").get(1, TimeUnit.SECONDS);
    assertEquals(503, late.status());
    assertTrue(late.error().contains("stopping"), late.error());
  }

  @Test
  void moreThanMayWaitIsRefused() throws Exception {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    try (Connection other = StoreConnections.writing(database, SyncPolicy.FULL);
        var statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      for (int i = 0; i < 5_000; i++) {
        answers.add(app("a" + i));
      }
      Outcome refused = answers.getLast().getNow(null);
      assertEquals(503, refused.status());
      assertTrue(refused.error().contains("transactions wait"), refused.error());
      statement.execute("ROLLBACK");
    }
    for (CompletableFuture<Outcome> answer : answers) {
      Outcome outcome = answer.get(30, TimeUnit.SECONDS);
      assertTrue(outcome.status() == 200 || outcome.status() == 503, outcome.error());
    }
  }
}
