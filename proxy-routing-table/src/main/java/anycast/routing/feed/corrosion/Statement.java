package anycast.routing.feed.corrosion;

import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/// One SQL statement with its positional parameters.
///
/// @param params each `null`, `Long`, `Integer`, `Double`, `String`, `Boolean` or `byte[]`
public record Statement(String sql, List<Object> params) {
  public Statement {
    params = Collections.unmodifiableList(params);
  }

  public static Statement of(String sql, Object... params) {
    return new Statement(sql, Arrays.asList(params));
  }

  /// Writes a whole row: inserts it, or replaces every cell of the row with that key. A row is one
  /// object, so writing it twice is harmless.
  ///
  /// @param row a cell for each of `table.columns()`, in that order
  public static Statement put(Table table, List<Object> row) {
    List<Object> cells = table.whole(row);
    if (cells.size() != table.columns().size()) {
      throw new IllegalArgumentException(
          table.label() + " wants " + table.columns().size() + " cells, got " + cells.size());
    }
    String columns =
        table.columns().stream().map(Table.Column::sql).collect(Collectors.joining(", "));
    String marks = table.columns().stream().map(c -> "?").collect(Collectors.joining(", "));
    String key = table.key().stream().map(Table.Column::sql).collect(Collectors.joining(", "));
    String sets =
        table.columns().stream()
            .skip(table.key().size())
            .map(c -> c.sql() + " = excluded." + c.sql())
            .collect(Collectors.joining(", "));
    return new Statement(
        "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s"
            .formatted(table.label(), columns, marks, key, sets),
        cells);
  }

  /// Writes a whole entity.
  ///
  /// @param updatedMs the writer's wall clock, for the tables that have such a column
  public static Statement put(Entity entity, long updatedMs) {
    return put(RowCodec.table(entity.key()), RowCodec.encode(entity, updatedMs));
  }

  /// Removes the row with that key, if there is one.
  ///
  /// @param key one cell for each of `table.key()`
  public static Statement remove(Table table, Object... key) {
    String where =
        table.key().stream().map(c -> c.sql() + " = ?").collect(Collectors.joining(" AND "));
    return of("DELETE FROM " + table.label() + " WHERE " + where, key);
  }
}
