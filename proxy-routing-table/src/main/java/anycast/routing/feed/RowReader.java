package anycast.routing.feed;

import java.util.List;
import java.util.Locale;

/// Cells by column name, with the reason where one is not what the column holds.
final class RowReader {
  private final Table table;
  private final List<Object> cells;

  /// @param cells as many as the table has columns
  RowReader(Table table, List<Object> cells) {
    this.table = table;
    this.cells = cells;
  }

  private Object cell(String column) {
    List<Table.Column> columns = table.columns();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return cells.get(i);
      }
    }
    throw new IllegalStateException(table.label() + " has no column " + column);
  }

  String text(String column) {
    Object cell = cell(column);
    if (cell instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(column + " wants text, got " + kind(cell));
  }

  String filled(String column) {
    String text = text(column);
    if (text.isEmpty()) {
      throw new IllegalArgumentException(column + " is empty");
    }
    return text;
  }

  long number(String column) {
    return switch (cell(column)) {
      case Long number -> number;
      // SQLite has no booleans; an agent may still print one
      case Boolean flag -> flag ? 1 : 0;
      case null -> throw new IllegalArgumentException(column + " wants a whole number, got null");
      case Object other ->
          throw new IllegalArgumentException(column + " wants a whole number, got " + kind(other));
    };
  }

  int within(String column, int least, int most) {
    long number = number(column);
    if (number < least || number > most) {
      throw new IllegalArgumentException(
          column + " wants " + least + " to " + most + ", got " + number);
    }
    return (int) number;
  }

  <E extends Enum<E>> E oneOf(String column, Class<E> type) {
    String text = text(column);
    for (E value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new IllegalArgumentException(column + " has the unknown value '" + text + "'");
  }

  private static String kind(Object cell) {
    return switch (cell) {
      case null -> "null";
      case String _ -> "text";
      case Long _ -> "a whole number";
      case Double _ -> "a fraction";
      case Boolean _ -> "a boolean";
      case byte[] _ -> "bytes";
      case Object other -> other.getClass().getSimpleName();
    };
  }
}
