package anycast.routing.feed;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A row's cells one after the other, in the order of the table's columns, with the reason where
/// one is not what the column holds.
final class RowReader {
  /// Lower-case names of an enum's constants: writing them anew for each row took a tenth of its
  /// time.
  private static final ClassValue<Map<String, Enum<?>>> NAMES =
      new ClassValue<>() {
        @Override
        protected Map<String, Enum<?>> computeValue(Class<?> type) {
          Map<String, Enum<?>> names = new HashMap<>();
          for (Object constant : type.getEnumConstants()) {
            Enum<?> value = (Enum<?>) constant;
            names.put(value.name().toLowerCase(Locale.ROOT), value);
          }
          return Map.copyOf(names);
        }
      };

  private final Table table;
  private final List<Object> cells;
  private int next;

  /// @param cells as many as the table has columns, or those of the key alone
  RowReader(Table table, List<Object> cells) {
    this.table = table;
    this.cells = cells;
  }

  String text() {
    if (cells.get(next++) instanceof String text) {
      return text;
    }
    throw unfit("wants text, got " + kind(cells.get(next - 1)));
  }

  String filled() {
    String text = text();
    if (text.isEmpty()) {
      throw unfit("is empty");
    }
    return text;
  }

  /// @param label of the PEM block that is wanted
  String pem(String label) {
    String text = filled();
    String fault = Pem.fault(text, label);
    if (!fault.isEmpty()) {
      throw unfit(fault);
    }
    return text;
  }

  long number() {
    return switch (cells.get(next++)) {
      case Long number -> number;
      // SQLite has no booleans; an agent may still print one
      case Boolean flag -> flag ? 1 : 0;
      case null -> throw unfit("wants a whole number, got null");
      case Object other -> throw unfit("wants a whole number, got " + kind(other));
    };
  }

  int within(int least, int most) {
    long number = number();
    if (number < least || number > most) {
      throw unfit("wants " + least + " to " + most + ", got " + number);
    }
    return (int) number;
  }

  <E extends Enum<E>> E oneOf(Class<E> type) {
    String text = text();
    Enum<?> value = NAMES.get(type).get(text);
    if (value == null) {
      throw unfit("has the unknown value '" + text + "'");
    }
    return type.cast(value);
  }

  /// What is wrong with the cell that was read last.
  private IllegalArgumentException unfit(String why) {
    return new IllegalArgumentException(table.columns().get(next - 1).name() + " " + why);
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
