package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/// The state of one node in one SQLite file.
///
/// A write-ahead log, synced as [SyncPolicy] says; a file is one store's at a time ([StoreLock]).
/// Where the disk refuses to write, reading goes on ([Writer]); where it refused at the start,
/// until the next one ([NoWriting]).
///
/// **Threading.** Any thread; writes go through one thread of their own, reads open their own
/// connection and wait for nobody. What reads wants a platform thread: a native call would hold a
/// virtual thread's carrier.
final class StateStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateStore.class);

  /// A restore of a large database takes some seconds.
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(10);

  /// Some hundred thousand rows; a larger file is left to `check`.
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(2);

  /// What one statement did: either is set.
  record Result(long rowsAffected, String error, long nanos) {}

  /// What a transaction did.
  ///
  /// @param error empty = committed
  /// @param version empty = nothing changed
  record Outcome(Verdict verdict, List<Result> results, String error, OptionalLong version) {
    /// How it ended; in all but the first nothing was changed.
    enum Verdict {
      COMMITTED,
      /// One of its statements is wrong.
      FAILED,
      /// The file system is full.
      NO_ROOM,
      /// The store cannot write now.
      UNAVAILABLE
    }

    static Outcome committed(List<Result> results, OptionalLong version) {
      return new Outcome(Verdict.COMMITTED, results, "", version);
    }

    static Outcome failed(String error) {
      return unable(Verdict.FAILED, error);
    }

    static Outcome unable(Verdict verdict, String error) {
      return new Outcome(verdict, List.of(new Result(0, error, 0)), error, OptionalLong.empty());
    }

    /// As an agent says it, and RFC 4918 §11.5 for what an agent does not survive.
    int status() {
      return switch (verdict) {
        case COMMITTED -> 200;
        case FAILED -> 500;
        case NO_ROOM -> 507;
        case UNAVAILABLE -> 503;
      };
    }
  }

  /// Hears which rows a committed transaction touched, in the order of commits, on the writer's
  /// thread.
  interface Touched {
    void onCommitted(Map<Table, Set<Long>> rowids);
  }

  private final Path database;
  private final Optional<StoreLock> lock;
  private final Writing writer;
  private final String actor;
  private final TimeLimit timeLimit;

  private StateStore(
      Path database, Optional<StoreLock> lock, Writing writer, String actor, TimeLimit timeLimit) {
    this.database = database;
    this.lock = lock;
    this.writer = writer;
    this.actor = actor;
    this.timeLimit = timeLimit;
  }

  static StateStore open(Path database, Ticker ticker) throws StoreException {
    return open(database, SyncPolicy.FULL, ticker);
  }

  /// Opens the file, making it where it is missing, and adds what an older version's schema lacks.
  /// What a crash left in its log is recovered first.
  ///
  /// @throws StoreException where it is no store's database, served by another process, corrupt,
  ///   not writable or of a schema that cannot be used
  static StateStore open(Path database, SyncPolicy sync, Ticker ticker) throws StoreException {
    Path parent = database.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      throw new StoreException(database + ": the directory " + parent + " does not exist", null);
    }
    StoreLock lock;
    try {
      lock = lock(database, ticker);
    } catch (IOException e) {
      String words =
          "cannot use %s: %s cannot be written (%s): make room, and the directory writable"
              .formatted(database, StoreLock.file(database), e);
      return readOnly(database, Optional.empty(), new StoreException(words, e));
    }
    try {
      return open(database, lock, sync, ticker);
    } catch (SQLException e) {
      // A schema that is spread over damaged pages is found before the check that looks for such.
      String trouble =
          (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_CORRUPT.code
              ? database + " is corrupt: "
              : "cannot use " + database + ": ";
      StoreException told = new StoreException(trouble + StoreTrouble.sentence(e), e);
      return switch (StoreTrouble.of(e)) {
        case NO_ROOM, READ_ONLY, INPUT_OUTPUT -> readOnly(database, Optional.of(lock), told);
        case STATEMENT, BUSY, CORRUPT -> {
          lock.close();
          throw told;
        }
      };
    } catch (IOException e) {
      lock.close();
      throw new StoreException("cannot use " + database + ": " + e, e);
    } catch (StoreException e) {
      lock.close();
      throw e;
    }
  }

  private static StateStore open(Path database, StoreLock lock, SyncPolicy sync, Ticker ticker)
      throws SQLException, IOException, StoreException {
    TimeLimit timeLimit = new TimeLimit(TimeLimit.LONGEST);
    SQLiteConnection connection = null;
    try {
      boolean existed = Files.exists(database) && Files.size(database) > 0;
      long logBytes = logBytes(database);
      long startedNanos = ticker.nanos();
      OwnersFile.make(database);
      connection = StoreConnections.writing(database, sync);
      String checked = existed ? quickCheck(database, connection) : "a new file";
      fit(database, connection);
      String actor = remembered(connection, "actor", UUID.randomUUID().toString());
      remembered(connection, "version", "0");
      WriteConnection writing = WriteConnection.of(connection);
      Writer writer = new Writer(database, sync, writing, timeLimit, ticker);
      LOG.atLevel(sync == SyncPolicy.OFF ? Level.WARN : Level.INFO)
          .log("sync {}: {}", sync.label(), sync.promise());
      LOG.info(
          "{}{}: {}, opened in {} ms",
          database,
          logBytes > 0 ? ", after a crash, " + logBytes + " bytes of its log read back" : "",
          checked,
          Duration.ofNanos(ticker.nanos() - startedNanos).toMillis());
      writer.start();
      return new StateStore(database, Optional.of(lock), writer, actor, timeLimit);
    } catch (SQLException | IOException | StoreException e) {
      StoreConnections.closeQuietly(connection);
      timeLimit.close();
      throw e;
    }
  }

  /// Serves a file that cannot be written and need not be: whole, of this schema, without a log.
  ///
  /// @throws StoreException `why`, where it is not like that
  private static StateStore readOnly(Path database, Optional<StoreLock> lock, StoreException why)
      throws StoreException {
    try {
      if (Files.isRegularFile(database) && logBytes(database) == 0) {
        try (SQLiteConnection connection = StoreConnections.unchanging(database)) {
          Schema.Difference difference = Schema.compare(connection);
          quickCheck(database, connection);
          if (difference.problems().isEmpty() && difference.additions().isEmpty()) {
            String actor = actorOf(connection);
            LOG.error("read-only until it is started again: {}", why.getMessage());
            Writing none = new NoWriting(why.getMessage());
            return new StateStore(database, lock, none, actor, new TimeLimit(TimeLimit.LONGEST));
          }
        }
      }
    } catch (SQLException | IOException | StoreException e) {
      LOG.warn("{} cannot be read either: {}", database, e.getMessage());
    }
    lock.ifPresent(StoreLock::close);
    throw why;
  }

  private static String actorOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT value FROM __state WHERE name = 'actor'")) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  private static StoreLock lock(Path database, Ticker ticker) throws StoreException, IOException {
    return StoreLock.take(database, LOCK_PATIENCE, ticker)
        .orElseThrow(() ->
            new StoreException(
                database
                    + " is served by another process, or being restored: it holds "
                    + StoreLock.file(database),
                null));
  }

  private static long logBytes(Path database) throws IOException {
    Path log = database.resolveSibling(database.getFileName() + "-wal");
    return Files.exists(log) ? Files.size(log) : 0;
  }

  /// Looks at the structure of each page, for a while.
  private static String quickCheck(Path database, SQLiteConnection connection)
      throws SQLException, StoreException {
    try (TimeLimit limit = new TimeLimit(CHECK_LIMIT);
        TimeLimit.Watch _ = limit.watch(connection);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
      String found = rows.next() ? rows.getString(1) : "no answer";
      if (!found.equals("ok")) {
        throw new StoreException(
            "%s is corrupt (%s): %s"
                .formatted(database, found.strip(), StoreTrouble.CORRUPT.remedy()),
            null);
      }
      return "quick check found nothing wrong";
    } catch (SQLException e) {
      if ((e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_INTERRUPT.code) {
        return "too large for a quick check within " + CHECK_LIMIT.toSeconds() + " s";
      }
      throw e;
    }
  }

  /// Adds what is missing, all of it or nothing.
  private static void fit(Path database, SQLiteConnection connection)
      throws SQLException, StoreException {
    Schema.Difference difference = Schema.compare(connection);
    if (!difference.problems().isEmpty()) {
      throw new StoreException(
          "%s cannot be used: %s".formatted(database, String.join("; ", difference.problems())),
          null);
    }
    if (!difference.unknown().isEmpty()) {
      LOG.warn("{} is of a newer version, left alone: {}", database, difference.unknown());
    }
    if (difference.additions().isEmpty()) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      Schema.add(connection, difference);
      statement.execute("COMMIT");
    }
    if (difference.missing().size() < Table.values().length) {
      LOG.info("{} is of an older version, added: {}", database, difference.missing());
    }
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

  /// Why the store cannot write now, with a remedy; empty = it can, as far as is known.
  String trouble() {
    return writer.trouble();
  }

  void onTouched(Touched listener) {
    writer.onTouched(listener);
  }

  /// A connection that can only read, for the caller to close.
  SQLiteConnection reader() throws SQLException {
    return writer instanceof NoWriting
        ? StoreConnections.unchanging(database)
        : StoreConnections.reading(database);
  }

  /// Runs all statements in one transaction: all or nothing, and as safe as the policy says when it
  /// returns. An interrupt leaves open which of the two it was.
  Outcome transact(List<SqlStatement> statements) throws InterruptedException {
    return transact(statements, TimeLimit.LONGEST);
  }

  /// The same, interrupted after a limit of its own.
  Outcome transact(List<SqlStatement> statements, Duration limit) throws InterruptedException {
    try {
      return writer.submit(statements, limit).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /// The same without waiting.
  CompletableFuture<Outcome> submit(List<SqlStatement> statements) {
    return writer.submit(statements, TimeLimit.LONGEST);
  }

  static void bind(PreparedStatement prepared, List<Object> values) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      prepared.setObject(i + 1, values.get(i));
    }
  }

  /// Refuses transactions from now on, and waits for those that were let in.
  void stopWriting() {
    writer.finish();
  }

  /// Waits for the write in hand, then closes the file.
  @Override
  public void close() {
    writer.close();
    timeLimit.close();
    lock.ifPresent(StoreLock::close);
  }
}
