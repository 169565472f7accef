package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The tables as SQLite holds them, compared with [Table] and brought up to it.
///
/// What is missing is added: a table, or a column with its initial value. Nothing is ever dropped
/// or retyped: what is unknown belongs to a newer version and is left alone, so that an upgrade can
/// be taken back.
final class Schema {
  /// Where the store keeps what is its own; also how a file is known to be a store's.
  static final String OWN = "__state";

  private Schema() {}

  /// A column that is there.
  ///
  /// @param key its position in the primary key, from 1; 0 = none
  /// @param optional whether a row may be written without naming it
  private record Found(String name, String type, int key, boolean optional) {
    String words() {
      return name + " " + type + (key == 0 ? "" : " key" + key);
    }
  }

  /// How a file differs from what this version knows.
  ///
  /// @param problems what makes it unfit, in words for an operator
  /// @param additions the SQL that adds what is missing
  /// @param missing what is added, in words
  /// @param unknown what is of a newer version, in words
  record Difference(
      List<String> problems, List<String> additions, List<String> missing, List<String> unknown) {
    private Difference() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  /// Reads and compares; changes nothing.
  static Difference compare(Connection connection) throws SQLException {
    Difference difference = new Difference();
    Set<String> tables = tables(connection);
    if (!tables.isEmpty() && !tables.contains(OWN)) {
      difference
          .problems()
          .add(
              "it is a database, but no store's: it holds %s and no %s; name another file"
                  .formatted(String.join(", ", tables.stream().limit(5).toList()), OWN));
      return difference;
    }
    if (!tables.contains(OWN)) {
      difference
          .additions()
          .add("CREATE TABLE " + OWN + " (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)");
    }
    for (Table table : Table.values()) {
      if (tables.contains(table.label())) {
        compare(table, columns(connection, table), difference);
      } else {
        difference.additions().add(ddl(table));
        difference.missing().add("table " + table.label());
      }
    }
    if (!tables.contains(KeptVersions.TABLE)) {
      difference.additions().add(KeptVersions.DDL);
      difference.missing().add("table " + KeptVersions.TABLE);
    }
    tables.stream()
        .filter(name ->
            Table.of(name).isEmpty() && !name.startsWith("__") && !name.equals(KeptVersions.TABLE))
        .forEach(name -> difference.unknown().add("table " + name));
    return difference;
  }

  private static void compare(Table table, Map<String, Found> found, Difference difference) {
    for (Table.Column column : table.columns()) {
      int key = table.key().indexOf(column) + 1;
      Found there = found.remove(column.name());
      String wanted = column.name() + (column.isText() ? " TEXT" : " INTEGER");
      String words = wanted + (key == 0 ? "" : " key" + key);
      if (there == null && key == 0) {
        difference
            .additions()
            .add("ALTER TABLE " + table.label() + " ADD COLUMN " + declaration(column));
        difference.missing().add("column " + table.label() + "." + column.name());
      } else if (there == null) {
        difference.problems().add("table " + table.label() + " lacks its key column " + words);
      } else if (!there.words().equalsIgnoreCase(words)) {
        difference
            .problems()
            .add("table %s has %s, wanted %s".formatted(table.label(), there.words(), words));
      }
    }
    for (Found other : found.values()) {
      String words = "column " + table.label() + "." + other.name();
      if (other.key() > 0) {
        difference.problems().add(words + " is unknown and part of the key");
      } else if (other.optional()) {
        difference.unknown().add(words);
      } else {
        difference
            .problems()
            .add(words + " is unknown, NOT NULL and has no default: no row could be written");
      }
    }
  }

  /// Adds what is missing; for a transaction of the caller's.
  static void add(Connection connection, Difference difference) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String addition : difference.additions()) {
        statement.execute(addition);
      }
    }
  }

  /// Tables of the store's own that only its running process has a use for.
  static List<String> internals(Connection connection) throws SQLException {
    return tables(connection).stream()
        .filter(name -> name.startsWith("__") && !name.equals(OWN))
        .toList();
  }

  private static Set<String> tables(Connection connection) throws SQLException {
    Set<String> tables = new LinkedHashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
                    + " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }

  private static String ddl(Table table) {
    String columns =
        table.columns().stream().map(Schema::declaration).collect(Collectors.joining(", "));
    String key = table.key().stream().map(Table.Column::sql).collect(Collectors.joining(", "));
    return "CREATE TABLE %s (%s, PRIMARY KEY (%s))".formatted(table.label(), columns, key);
  }

  private static String declaration(Table.Column column) {
    return column.isText()
        ? column.sql() + " TEXT NOT NULL DEFAULT '" + column.initial() + "'"
        : column.sql() + " INTEGER NOT NULL DEFAULT 0";
  }

  private static Map<String, Found> columns(Connection connection, Table table)
      throws SQLException {
    Map<String, Found> found = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA table_info(" + table.label() + ")")) {
      while (rows.next()) {
        boolean optional = rows.getInt("notnull") == 0 || rows.getString("dflt_value") != null;
        Found column =
            new Found(rows.getString("name"), rows.getString("type"), rows.getInt("pk"), optional);
        found.put(column.name(), column);
      }
    }
    return found;
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
