package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;

/// The state of one node in one SQLite file.
///
/// Write-ahead log with `synchronous=FULL`: each commit is on disk before it is acknowledged, so
/// neither a kill nor a power cut loses an acknowledged transaction; it costs one fsync a commit.
///
/// **Threading.** Any platform thread; writes wait for each other on one lock, reads open their own
/// connection and wait for nobody. A lock, because SQLite has one writer anyway. Not for virtual
/// threads: a native call would hold their carrier.
final class StateStore implements AutoCloseable {
  private static final int BUSY_TIMEOUT_MILLIS = 5_000;

  /// Verbs a client may use; what could end the transaction or change the schema is not among them.
  private static final Set<String> WRITE_VERBS =
      Set.of("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "SELECT");

  /// What one statement did: either is set.
  record Result(long rowsAffected, String error, long nanos) {}

  /// What a transaction did.
  ///
  /// @param error empty = committed
  /// @param version empty = nothing changed
  record Outcome(List<Result> results, String error, OptionalLong version) {}

  /// Hears which rows a committed transaction touched, in the order of commits, on the writer's
  /// thread.
  interface Touched {
    void onCommitted(Map<Table, Set<Long>> rowids);
  }

  private final Path database;
  private final ReentrantLock writing = new ReentrantLock();
  private final SQLiteConnection writer;
  private final String actor;
  private final Ticker ticker;
  private final TimeLimit timeLimit = new TimeLimit(TimeLimit.LONGEST);
  private volatile Touched touched = rowids -> {};

  private StateStore(Path database, SQLiteConnection writer, String actor, Ticker ticker) {
    this.database = database;
    this.writer = writer;
    this.actor = actor;
    this.ticker = ticker;
  }

  /// Opens the file, making it where it is missing.
  ///
  /// @throws StoreException where it is no database, not writable or of another schema
  static StateStore open(Path database, Ticker ticker) throws StoreException {
    Path parent = database.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      throw new StoreException(database + ": the directory " + parent + " does not exist", null);
    }
    SQLiteConnection writer = null;
    try {
      writer = connect(database, false);
      List<String> problems = Schema.create(writer);
      if (!problems.isEmpty()) {
        throw new StoreException(
            database + " has another schema: " + String.join("; ", problems), null);
      }
      Schema.noteTouchedRows(writer);
      String actor = remembered(writer, "actor", UUID.randomUUID().toString());
      remembered(writer, "version", "0");
      writer.setAutoCommit(false);
      return new StateStore(database, writer, actor, ticker);
    } catch (SQLException e) {
      closeQuietly(writer);
      throw new StoreException("cannot use " + database + ": " + e.getMessage(), e);
    } catch (StoreException e) {
      closeQuietly(writer);
      throw e;
    }
  }

  private static void closeQuietly(Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // the failure that led here is the one to tell
      }
    }
  }

  private static SQLiteConnection connect(Path database, boolean readOnly) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    if (readOnly) {
      config.setReadOnly(true);
    } else {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
      config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
      config.setPragma(SQLiteConfig.Pragma.RECURSIVE_TRIGGERS, "true");
    }
    return (SQLiteConnection) config.createConnection("jdbc:sqlite:" + database.toAbsolutePath());
  }

  private static String remembered(Connection connection, String name, String first)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT OR IGNORE INTO __state VALUES (?, ?)")) {
      insert.setString(1, name);
      insert.setString(2, first);
      insert.execute();
    }
    try (PreparedStatement select =
        connection.prepareStatement("SELECT value FROM __state WHERE name = ?")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  TimeLimit timeLimit() {
    return timeLimit;
  }

  /// This store's identity, kept in the file.
  String actor() {
    return actor;
  }

  void onTouched(Touched listener) {
    touched = listener;
  }

  /// A connection that can only read, for the caller to close.
  SQLiteConnection reader() throws SQLException {
    return connect(database, true);
  }

  /// Runs all statements in one transaction: all or nothing, on disk when it returns.
  Outcome transact(List<SqlStatement> statements) {
    writing.lock();
    try {
      return transactLocked(statements);
    } finally {
      writing.unlock();
    }
  }

  private Outcome transactLocked(List<SqlStatement> statements) {
    List<Result> results = new ArrayList<>();
    try (TimeLimit.Watch _ = timeLimit.watch(writer)) {
      for (SqlStatement statement : statements) {
        long startedNanos = ticker.nanos();
        long rows = execute(statement);
        results.add(new Result(rows, "", ticker.nanos() - startedNanos));
      }
      Map<Table, Set<Long>> rowids = takeTouched();
      OptionalLong version =
          rowids.isEmpty() ? OptionalLong.empty() : OptionalLong.of(nextVersion());
      writer.commit();
      if (!rowids.isEmpty()) {
        touched.onCommitted(rowids);
      }
      return new Outcome(results, "", version);
    } catch (SQLException | IllegalArgumentException e) {
      rollback();
      String error = Legible.text(e.getMessage());
      return new Outcome(List.of(new Result(0, error, 0)), error, OptionalLong.empty());
    }
  }

  private void rollback() {
    try {
      writer.rollback();
    } catch (SQLException e) {
      // SQLite ends the transaction itself where a rollback cannot
    }
  }

  private long execute(SqlStatement statement) throws SQLException {
    SqlText text = statement.text();
    if (!WRITE_VERBS.contains(text.verb())) {
      throw new IllegalArgumentException("a transaction cannot hold " + text.verb());
    }
    if (text.namesInternals()) {
      throw new IllegalArgumentException("names that begin with __ or sqlite_ are not for clients");
    }
    try (PreparedStatement prepared = writer.prepareStatement(text.sql())) {
      bind(prepared, statement.values());
      if (!prepared.execute()) {
        return prepared.getUpdateCount();
      }
      try (ResultSet rows = prepared.getResultSet()) {
        while (rows.next()) {
          // RETURNING takes effect as it is read
        }
      }
      return text.verb().equals("SELECT") ? 0 : writer.getDatabase().changes();
    }
  }

  static void bind(PreparedStatement prepared, List<Object> values) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      prepared.setObject(i + 1, values.get(i));
    }
  }

  private Map<Table, Set<Long>> takeTouched() throws SQLException {
    Map<Table, Set<Long>> rowids = new EnumMap<>(Table.class);
    try (var statement = writer.createStatement()) {
      try (ResultSet rows = statement.executeQuery("SELECT DISTINCT label, id FROM __touched")) {
        while (rows.next()) {
          Table table = Table.of(rows.getString(1)).orElseThrow();
          rowids.computeIfAbsent(table, _ -> new HashSet<>()).add(rows.getLong(2));
        }
      }
      if (!rowids.isEmpty()) {
        statement.execute("DELETE FROM __touched");
      }
    }
    return rowids;
  }

  private long nextVersion() throws SQLException {
    try (var statement = writer.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "UPDATE __state SET value = value + 1 WHERE name = 'version' RETURNING value")) {
      rows.next();
      long version = rows.getLong(1);
      rows.next();
      return version;
    }
  }

  /// Waits for the write in hand, then closes the file.
  @Override
  public void close() {
    writing.lock();
    try {
      rollback();
      closeQuietly(writer);
      timeLimit.close();
    } finally {
      writing.unlock();
    }
  }
}
