package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.sqlite.SQLiteConnection;

/// The connection that writes: clients' statements, and what the store keeps of them.
///
/// **Threading.** One at a time. **Ownership.** Whoever made it closes [#raw].
record WriteConnection(SQLiteConnection raw) {
  /// Verbs a client may use; what could end the transaction or change the schema is not among them.
  private static final Set<String> WRITE_VERBS =
      Set.of("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "SELECT");

  /// @param raw from now on notes the rows that it touches
  static WriteConnection of(SQLiteConnection raw) throws SQLException {
    Schema.noteTouchedRows(raw);
    return new WriteConnection(raw);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = raw.createStatement()) {
      statement.execute(sql);
    }
  }

  /// Runs a client's statement.
  ///
  /// @return the rows that it affected
  /// @throws IllegalArgumentException where clients may not run it
  long execute(SqlStatement statement) throws SQLException {
    SqlText text = statement.text();
    if (!WRITE_VERBS.contains(text.verb())) {
      throw new IllegalArgumentException("a transaction cannot hold " + text.verb());
    }
    if (text.namesInternals()) {
      throw new IllegalArgumentException("names that begin with __ or sqlite_ are not for clients");
    }
    try (PreparedStatement prepared = raw.prepareStatement(text.sql())) {
      StateStore.bind(prepared, statement.values());
      if (!prepared.execute()) {
        return prepared.getUpdateCount();
      }
      try (ResultSet rows = prepared.getResultSet()) {
        while (rows.next()) {
          // RETURNING takes effect as it is read
        }
      }
      return text.verb().equals("SELECT") ? 0 : raw.getDatabase().changes();
    }
  }

  /// The rowids that were touched since it was last asked.
  Map<Table, Set<Long>> takeTouched() throws SQLException {
    Map<Table, Set<Long>> rowids = new EnumMap<>(Table.class);
    try (Statement statement = raw.createStatement()) {
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

  long nextVersion() throws SQLException {
    try (Statement statement = raw.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "UPDATE __state SET value = value + 1 WHERE name = 'version' RETURNING value")) {
      rows.next();
      long version = rows.getLong(1);
      rows.next();
      return version;
    }
  }
}
