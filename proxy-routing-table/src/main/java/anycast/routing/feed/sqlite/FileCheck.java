package anycast.routing.feed.sqlite;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Decoded;
import anycast.routing.feed.Legible;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;

/// Looks for everything that can be wrong with a database: its pages, its schema, its rows.
///
/// **Limits.** What is named, of each kind; the rest is counted.
final class FileCheck {
  private static final int MAX_NAMED = 100;

  private final List<String> problems = new ArrayList<>();
  private final List<String> unfitRows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private FileCheck() {}

  static StateFile.Report of(Connection connection) {
    FileCheck check = new FileCheck();
    try {
      check.pages(connection);
      check.schema(connection);
    } catch (SQLException e) {
      check.problems.add("cannot be read: " + Legible.text(e.getMessage()));
    }
    return new StateFile.Report(check.problems, check.unfitRows, check.notes);
  }

  private void pages(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA integrity_check(" + MAX_NAMED + ")")) {
      while (rows.next()) {
        String found = rows.getString(1);
        if (!found.equals("ok")) {
          problems.add("corrupt: " + Legible.text(found.strip()));
        }
      }
    }
  }

  private void schema(Connection connection) throws SQLException {
    Schema.Difference difference = Schema.compare(connection);
    difference.problems().forEach(problem -> problems.add("schema: " + problem));
    difference
        .missing()
        .forEach(missing -> notes.add("schema: lacks " + missing + ", added at the next start"));
    difference
        .unknown()
        .forEach(unknown -> notes.add("schema: " + unknown + " is unknown and ignored"));
    if (!difference.problems().isEmpty()) {
      return;
    }
    for (Table table : Table.values()) {
      boolean incomplete =
          difference.missing().stream()
              .anyMatch(m -> m.equals("table " + table.label()) || m.contains(table.label() + "."));
      if (!incomplete) {
        rows(table, connection);
      }
    }
  }

  private void rows(Table table, Connection connection) {
    long count = 0;
    long unfit = 0;
    int width = table.columns().size();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(table.select())) {
      while (rows.next()) {
        count++;
        Object[] cells = SqlRows.cells(rows, 1, width);
        Cells row = new Cells.Values(Collections.unmodifiableList(Arrays.asList(cells)));
        if (RowCodec.decode(table, row) instanceof Decoded.Undecodable(String reason)
            && ++unfit <= MAX_NAMED) {
          unfitRows.add("%s %s: %s".formatted(table.label(), key(table, cells), reason));
        }
      }
    } catch (SQLException e) {
      problems.add(table.label() + ": cannot be read to its end: " + Legible.text(e.getMessage()));
    }
    if (unfit > MAX_NAMED) {
      unfitRows.add(table.label() + ": " + (unfit - MAX_NAMED) + " more rows");
    }
    notes.add("%s: %d rows, %d unfit".formatted(table.label(), count, unfit));
  }

  private static String key(Table table, Object[] cells) {
    StringJoiner key = new StringJoiner("/");
    for (int i = 0; i < table.key().size(); i++) {
      key.add(Legible.text(String.valueOf(cells[i])));
    }
    return key.toString();
  }
}
