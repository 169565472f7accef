package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A row of state before and after, on one line.
final class ShownRow {
  /// A cell of a table on a terminal; `--json` has it whole.
  private static final int MAX_CELL_CHARS = 60;

  /// Twice a terminal's width.
  private static final int MAX_SENTENCE_CHARS = 160;

  private ShownRow() {}

  /// `came`, `went`, or the cells that differ.
  static String change(JsonNode row) {
    JsonNode before = row.path("before");
    JsonNode after = row.path("after");
    if (!before.isObject()) {
      return "came: " + cells(after);
    }
    if (!after.isObject()) {
      return "went: " + cells(before);
    }
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> cell : after.properties()) {
      JsonNode was = before.path(cell.getKey());
      if (!was.equals(cell.getValue())) {
        parts.add(cell.getKey() + " " + text(was) + " -> " + text(cell.getValue()));
      }
    }
    return String.join(", ", parts);
  }

  /// Seconds of UTC: operators compare them with logs.
  static String time(JsonNode millis) {
    return time(millis.asLong());
  }

  static String time(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /// A sentence that ends a line of a table.
  static String cell(String sentence) {
    return sentence.length() <= MAX_SENTENCE_CHARS
        ? sentence
        : sentence.substring(0, MAX_SENTENCE_CHARS) + "...";
  }

  private static String cells(JsonNode row) {
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> cell : row.properties()) {
      parts.add(cell.getKey() + " " + text(cell.getValue()));
    }
    return String.join(", ", parts);
  }

  private static String text(JsonNode cell) {
    String text = cell.asText();
    if (text.isEmpty()) {
      return "''";
    }
    return text.length() > MAX_CELL_CHARS ? text.substring(0, MAX_CELL_CHARS) + "..." : text;
  }
}
