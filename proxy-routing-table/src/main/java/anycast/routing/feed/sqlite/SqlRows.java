package anycast.routing.feed.sqlite;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Result rows as cells.
final class SqlRows {
  private SqlRows() {}

  /// @param from first column, from 1
  static Object[] cells(ResultSet rows, int from, int count) throws SQLException {
    Object[] cells = new Object[count];
    for (int i = 0; i < count; i++) {
      Object cell = rows.getObject(from + i);
      cells[i] =
          switch (cell) {
            case Integer number -> number.longValue();
            case Float number -> number.doubleValue();
            case null, default -> cell;
          };
    }
    return cells;
  }

  /// The names of the columns from `from` on.
  static List<String> names(ResultSetMetaData columns, int from) throws SQLException {
    List<String> names = new ArrayList<>();
    for (int i = from; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i));
    }
    return names;
  }
}
