package anycast.backhaul.runtime;

import anycast.routing.feed.Table;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The parameters of one question, as values.
///
/// **Faults.** Each method throws `IllegalArgumentException` with a sentence that names the
/// parameter: the border answers 400.
record AdminQuery(Map<String, String> parameters) {
  /// Empty where it is not given.
  String text(String name) {
    return parameters.getOrDefault(name, "");
  }

  /// A length of time such as `15m`.
  Duration length(String name, Duration usual) {
    String text = text(name);
    if (text.isEmpty()) {
      return usual;
    }
    try {
      return ConfigValues.duration(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + " " + e.getMessage(), e);
    }
  }

  /// A number of rows between 1 and `most`.
  int rows(String name, int usual, int most) {
    String text = text(name);
    if (text.isEmpty()) {
      return usual;
    }
    try {
      int rows = Integer.parseInt(text);
      if (rows >= 1 && rows <= most) {
        return rows;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(name + " wants a number from 1 to " + most);
  }

  /// A table by its name; empty = all.
  Optional<Table> table(String name) {
    String text = text(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Table> table = Table.of(text);
    if (table.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no table " + LogText.escape(text) + "; there are " + tables());
    }
    return table;
  }

  private static String tables() {
    return Arrays.stream(Table.values()).map(Table::label).collect(Collectors.joining(" "));
  }
}
