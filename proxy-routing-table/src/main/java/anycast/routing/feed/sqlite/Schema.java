package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The tables as SQLite holds them, made from [Table] where they are missing and compared with it
/// where they are not.
final class Schema {
  private Schema() {}

  /// @return what differs from the schema of this version, in words; empty = fit for use
  static List<String> create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (Table table : Table.values()) {
        statement.execute(ddl(table));
      }
      statement.execute(
          "CREATE TABLE IF NOT EXISTS __state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT"
              + " NULL)");
    }
    List<String> problems = new ArrayList<>();
    for (Table table : Table.values()) {
      List<String> found = columns(connection, table);
      List<String> wanted = wanted(table);
      if (!found.equals(wanted)) {
        problems.add("table " + table.label() + " has columns " + found + ", wanted " + wanted);
      }
    }
    return problems;
  }

  private static String ddl(Table table) {
    String columns = table.columns().stream().map(Schema::column).collect(Collectors.joining(", "));
    String key = table.key().stream().map(Table.Column::sql).collect(Collectors.joining(", "));
    return "CREATE TABLE IF NOT EXISTS %s (%s, PRIMARY KEY (%s))"
        .formatted(table.label(), columns, key);
  }

  private static String column(Table.Column column) {
    return column.isText()
        ? column.sql() + " TEXT NOT NULL DEFAULT '" + column.initial() + "'"
        : column.sql() + " INTEGER NOT NULL DEFAULT 0";
  }

  private static List<String> wanted(Table table) {
    List<String> wanted = new ArrayList<>();
    for (Table.Column column : table.columns()) {
      int key = table.key().indexOf(column) + 1;
      wanted.add(column.name() + (column.isText() ? " TEXT" : " INTEGER") + mark(key));
    }
    return wanted;
  }

  private static List<String> columns(Connection connection, Table table) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA table_info(" + table.label() + ")")) {
      while (rows.next()) {
        found.add(rows.getString("name") + " " + rows.getString("type") + mark(rows.getInt("pk")));
      }
    }
    return found;
  }

  private static String mark(int keyPosition) {
    return keyPosition == 0 ? "" : " key" + keyPosition;
  }

  /// Has this connection note each row that its statements really change, in `temp.__touched`.
  ///
  /// Triggers, and not SQLite's update hook: the hook is silent about rows that `INSERT OR REPLACE`
  /// pushes out and about `DELETE` without `WHERE` (sqlite.org/c3ref/update_hook.html). They need
  /// `recursive_triggers`, without which a replaced row's delete trigger does not run.
  static void noteTouchedRows(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TEMP TABLE __touched (label TEXT, id INTEGER)");
      for (Table table : Table.values()) {
        String label = table.label();
        String differs =
            table.columns().stream()
                .map(c -> "OLD." + c.sql() + " IS NOT NEW." + c.sql())
                .collect(Collectors.joining(" OR "));
        statement.execute(trigger(label, "INSERT", "", List.of("NEW")));
        statement.execute(trigger(label, "DELETE", "", List.of("OLD")));
        statement.execute(trigger(label, "UPDATE", "WHEN " + differs, List.of("OLD", "NEW")));
      }
    }
  }

  private static String trigger(String label, String event, String when, List<String> rows) {
    String inserts =
        rows.stream()
            .map(row -> "INSERT INTO __touched VALUES ('" + label + "', " + row + ".rowid);")
            .collect(Collectors.joining(" "));
    return "CREATE TEMP TRIGGER __%s_%s AFTER %s ON main.%s %s BEGIN %s END"
        .formatted(label, event, event, label, when, inserts);
  }
}
