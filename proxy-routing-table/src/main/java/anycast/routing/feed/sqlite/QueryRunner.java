package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/// Reading queries, each on a connection of its own that cannot write.
///
/// **Limits.** An answer is gathered in memory: a client that reads slowly must not hold a reading
/// transaction open, which would keep SQLite from trimming its log.
final class QueryRunner {
  /// Every table of a large fleet, or a query that has lost its WHERE.
  private static final int MAX_ANSWER_BYTES = 64 << 20;

  private static final Set<String> VERBS = Set.of("SELECT", "WITH", "VALUES", "EXPLAIN");

  private final StateStore store;
  private final Ticker ticker;

  QueryRunner(StateStore store, Ticker ticker) {
    this.store = store;
    this.ticker = ticker;
  }

  /// @param limit after which it is interrupted
  /// @return lines of columns, rows and an end; an error that comes late is the last line.
  Reply run(SqlStatement statement, Duration limit) {
    if (!VERBS.contains(statement.text().verb())) {
      return notReadOnly();
    }
    long startedNanos = ticker.nanos();
    try (SQLiteConnection reader = store.reader();
        TimeLimit.Watch _ = store.timeLimit().watch(reader, limit);
        PreparedStatement prepared = reader.prepareStatement(statement.text().sql())) {
      StateStore.bind(prepared, statement.values());
      if (!prepared.execute()) {
        return notReadOnly();
      }
      try (ResultSet rows = prepared.getResultSet()) {
        return new Reply.Whole(200, "", lines(rows, startedNanos));
      }
    } catch (SQLException e) {
      int code = e.getErrorCode() & 0xff;
      if (code == SQLiteErrorCode.SQLITE_READONLY.code) {
        return notReadOnly();
      }
      boolean wrong = code == SQLiteErrorCode.SQLITE_ERROR.code;
      return Reply.error(wrong ? 400 : 500, Legible.text(e.getMessage()));
    }
  }

  private byte[] lines(ResultSet rows, long startedNanos) throws SQLException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(StreamLines.columns(SqlRows.names(rows.getMetaData(), 1)));
    int columns = rows.getMetaData().getColumnCount();
    long rowid = 0;
    try {
      while (rows.next()) {
        out.writeBytes(
            StreamLines.row(++rowid, StreamLines.array(SqlRows.cells(rows, 1, columns))));
        if (out.size() > MAX_ANSWER_BYTES) {
          out.writeBytes(
              StreamLines.error("an answer of more than " + MAX_ANSWER_BYTES + " bytes"));
          return out.toByteArray();
        }
      }
    } catch (SQLException e) {
      out.writeBytes(StreamLines.error(Legible.text(e.getMessage())));
      return out.toByteArray();
    }
    out.writeBytes(StreamLines.endOfQuery(ticker.nanos() - startedNanos, OptionalLong.empty()));
    return out.toByteArray();
  }

  private static Reply notReadOnly() {
    return Reply.error(400, "statement is not readonly");
  }

  /// Rows in all of these tables together.
  long count(List<Table> tables) throws SQLException {
    long sum = 0;
    try (SQLiteConnection reader = store.reader();
        var statement = reader.createStatement()) {
      for (Table table : tables) {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table.label())) {
          rows.next();
          sum += rows.getLong(1);
        }
      }
    }
    return sum;
  }
}
