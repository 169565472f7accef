package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A list of JSON objects as an aligned table.
///
/// **Threading.** One thread.
final class Columns {
  private static final String GAP = "  ";

  private final List<Column> columns = new ArrayList<>();

  private record Column(String title, boolean right, Function<JsonNode, String> cell) {}

  /// A text, to the left.
  Columns text(String title, String key) {
    columns.add(new Column(title, false, row -> show(row.path(key))));
    return this;
  }

  /// A number, to the right.
  Columns number(String title, String key) {
    columns.add(new Column(title, true, row -> show(row.path(key))));
    return this;
  }

  /// A text that is made of the whole row, to the left.
  Columns made(String title, Function<JsonNode, String> cell) {
    columns.add(new Column(title, false, cell));
    return this;
  }

  /// A number that is made of the whole row, to the right.
  Columns madeNumber(String title, Function<JsonNode, String> cell) {
    columns.add(new Column(title, true, cell));
    return this;
  }

  /// Milliseconds, shown as a length of time; `-` where there are none.
  Columns age(String title, String key) {
    columns.add(new Column(title, true, row -> age(row.path(key))));
    return this;
  }

  /// Prints the rows under their titles; where there are none, `(no …)`.
  ///
  /// @param indent put before each line
  /// @param what the plural of what a row is
  void print(PrintWriter out, String indent, String what, JsonNode rows) {
    List<JsonNode> all = new ArrayList<>();
    if (rows.isArray()) {
      rows.forEach(all::add);
    }
    print(out, indent, what, all);
  }

  /// Prints those rows; see above.
  void print(PrintWriter out, String indent, String what, List<JsonNode> rows) {
    if (rows.isEmpty()) {
      out.println(indent + "(no " + what + ")");
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns.stream().map(Column::title).toList());
    rows.forEach(row ->
        lines.add(columns.stream().map(column -> Printable.of(column.cell().apply(row))).toList()));
    int[] widths = new int[columns.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    lines.forEach(line -> out.println((indent + aligned(line, widths)).stripTrailing()));
  }

  private String aligned(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String fill = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : GAP);
      line.append(columns.get(i).right() ? fill + cells.get(i) : cells.get(i) + fill);
    }
    return line.toString();
  }

  static String age(JsonNode millis) {
    return millis.isNumber() ? Durations.show(Duration.ofMillis(millis.asLong())) : "-";
  }

  private static String show(JsonNode value) {
    String text;
    if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(item.asText()));
      text = String.join(",", items);
    } else if (value.isBoolean()) {
      text = value.asBoolean() ? "yes" : "no";
    } else {
      text = value.isNull() ? "" : value.asText();
    }
    return text.isEmpty() ? "-" : text;
  }
}
