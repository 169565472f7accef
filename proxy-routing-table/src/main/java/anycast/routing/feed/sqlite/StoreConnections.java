package anycast.routing.feed.sqlite;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;

/// Connections to a database file, each with what its use wants.
final class StoreConnections {
  private static final int BUSY_TIMEOUT_MILLIS = 5_000;

  /// What is left of the log after a burst: as much as some thousand publishers write in a minute.
  private static final int LOG_BYTES_LEFT = 64 << 20;

  private StoreConnections() {}

  /// One that writes, in the write-ahead log; it makes the file where it is missing.
  static SQLiteConnection writing(Path database, SyncPolicy sync) throws SQLException {
    SQLiteConfig config = config();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(sync.mode());
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setPragma(SQLiteConfig.Pragma.RECURSIVE_TRIGGERS, "true");
    config.setJournalSizeLimit(LOG_BYTES_LEFT);
    return open(database.toAbsolutePath().toString(), config);
  }

  /// One that can only read.
  static SQLiteConnection reading(Path database) throws SQLException {
    SQLiteConfig config = config();
    config.setReadOnly(true);
    return open(database.toAbsolutePath().toString(), config);
  }

  /// One that reads a file which nobody writes, without the files that it has beside it otherwise:
  /// they could not be made.
  static SQLiteConnection unchanging(Path database) throws SQLException {
    SQLiteConfig config = config();
    config.setReadOnly(true);
    return open(database.toAbsolutePath().toUri() + "?immutable=1", config);
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    // A full disk must not keep anybody from reading.
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    return config;
  }

  private static SQLiteConnection open(String name, SQLiteConfig config) throws SQLException {
    NativeLibrary.load();
    return (SQLiteConnection) config.createConnection("jdbc:sqlite:" + name);
  }

  /// Closes what the failure that is being told left open.
  static void closeQuietly(AutoCloseable connectionOrStatement) {
    if (connectionOrStatement != null) {
      try {
        connectionOrStatement.close();
      } catch (Exception e) {
        // the failure that led here is the one to tell
      }
    }
  }
}
