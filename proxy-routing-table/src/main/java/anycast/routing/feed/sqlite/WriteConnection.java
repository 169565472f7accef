package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.sqlite.SQLiteConnection;

/// The connection that writes: clients' statements, and what the store keeps of them.
///
/// Its own statements are prepared once: a transaction needs seven, and each preparing costs some
/// ten microseconds.
///
/// **Threading.** One at a time. **Ownership.** Whoever made it closes [#raw].
final class WriteConnection {
  /// Verbs a client may use; what could end the transaction or change the schema is not among them.
  private static final Set<String> WRITE_VERBS =
      Set.of("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "SELECT");

  private final SQLiteConnection raw;
  private final Map<String, PreparedStatement> own = new HashMap<>();

  private WriteConnection(SQLiteConnection raw) {
    this.raw = raw;
  }

  /// @param raw from now on notes the rows that it touches
  static WriteConnection of(SQLiteConnection raw) throws SQLException {
    Schema.noteTouchedRows(raw);
    return new WriteConnection(raw);
  }

  SQLiteConnection raw() {
    return raw;
  }

  /// Runs a statement of the store's own, without parameters.
  void execute(String sql) throws SQLException {
    try {
      own(sql).execute();
    } catch (SQLException e) {
      throw forget(e);
    }
  }

  /// A prepared statement that failed, on a full disk for instance, may not run again.
  private SQLException forget(SQLException failure) {
    own.values().forEach(StoreConnections::closeQuietly);
    own.clear();
    return failure;
  }

  private PreparedStatement own(String sql) throws SQLException {
    PreparedStatement prepared = own.get(sql);
    if (prepared == null) {
      prepared = raw.prepareStatement(sql);
      own.put(sql, prepared);
    }
    return prepared;
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
    try (ResultSet rows = own("SELECT DISTINCT label, id FROM __touched").executeQuery()) {
      while (rows.next()) {
        Table table = Table.of(rows.getString(1)).orElseThrow();
        rowids.computeIfAbsent(table, _ -> new HashSet<>()).add(rows.getLong(2));
      }
    } catch (SQLException e) {
      throw forget(e);
    }
    if (!rowids.isEmpty()) {
      execute("DELETE FROM __touched");
    }
    return rowids;
  }

  long nextVersion() throws SQLException {
    String sql = "UPDATE __state SET value = value + 1 WHERE name = 'version' RETURNING value";
    try (ResultSet rows = own(sql).executeQuery()) {
      rows.next();
      long version = rows.getLong(1);
      rows.next();
      return version;
    } catch (SQLException e) {
      throw forget(e);
    }
  }
}
