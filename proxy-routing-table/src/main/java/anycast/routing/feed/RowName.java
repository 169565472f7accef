package anycast.routing.feed;

import java.util.List;
import java.util.StringJoiner;

/// What to call a row that could not be decoded.
final class RowName {
  private RowName() {}

  /// Its key cells as far as they are legible, else its rowid.
  static String of(Table table, long rowid, Cells cells) {
    if (!(cells instanceof Cells.Values(List<Object> values))
        || values.size() < table.key().size()) {
      return "rowid " + rowid;
    }
    StringJoiner name = new StringJoiner("/");
    for (int i = 0; i < table.key().size(); i++) {
      Object cell = values.get(i);
      if (!(cell instanceof String) && !(cell instanceof Number)) {
        return "rowid " + rowid;
      }
      name.add(Legible.text(cell.toString()));
    }
    return name.toString();
  }
}
