package anycast.routing.feed.sqlite;

import anycast.routing.feed.sqlite.FollowedQuery.Row;
import anycast.routing.feed.sqlite.FollowedQuery.RowSink;
import anycast.routing.feed.sqlite.FollowedQuery.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// A followed query's rows, asked of SQLite.
///
/// **Threading.** The matching thread's. **Ownership.** The connection is the caller's, the
/// statements are its own. **Faults.** [RowsException] where SQLite refuses.
final class JdbcRows implements Rows, AutoCloseable {
  /// SQLite refused to answer a followed query.
  static final class RowsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RowsException(SQLException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private final int hidden;
  private final List<String> columns;
  private final PreparedStatement all;
  private final PreparedStatement byRowid;

  /// @throws SQLException where SQLite does not understand the query
  JdbcRows(SelectShape shape, Connection reader) throws SQLException {
    hidden = shape.hiddenColumns();
    all = reader.prepareStatement(shape.tracked());
    try {
      columns = SqlRows.names(all.getMetaData(), hidden + 1);
      byRowid = reader.prepareStatement(shape.byRowid());
    } catch (SQLException e) {
      all.close();
      throw e;
    }
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public void each(RowSink out) {
    try (ResultSet rows = all.executeQuery()) {
      while (rows.next()) {
        out.row(row(rows));
      }
    } catch (SQLException e) {
      throw new RowsException(e);
    }
  }

  @Override
  public Optional<Row> at(long rowid) {
    try {
      byRowid.setLong(1, rowid);
      try (ResultSet rows = byRowid.executeQuery()) {
        return rows.next() ? Optional.of(row(rows)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw new RowsException(e);
    }
  }

  private Row row(ResultSet rows) throws SQLException {
    return Row.of(
        rows.getLong(1),
        SqlRows.cells(rows, 2, hidden - 1),
        SqlRows.cells(rows, hidden + 1, columns.size()));
  }

  @Override
  public void close() {
    try {
      all.close();
      byRowid.close();
    } catch (SQLException e) {
      // its connection closes next
    }
  }
}
