package anycast.routing.feed.nats;

import anycast.routing.feed.CellJson;
import anycast.routing.feed.Cells;
import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/// A row as a bucket's entry: the key from its key cells, the value all cells as a JSON array.
///
/// **Threading.** Pure. **Faults.** A value that is no such array, or whose key cells are not those
/// of its key, is an unreadable row and nothing else.
final class RowJson {
  private static final JsonFactory JSON = new JsonFactory();

  private RowJson() {}

  /// @throws IllegalArgumentException where a key cell is not text
  static String key(Table table, List<Object> cells) {
    return KeyToken.of(
        table.key().stream()
            .map(column -> {
              int index = table.key().indexOf(column);
              if (index < cells.size() && cells.get(index) instanceof String text) {
                return text;
              }
              throw new IllegalArgumentException(column.name() + " wants text: it is a key");
            })
            .toList());
  }

  static byte[] value(List<Object> cells) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartArray();
      for (Object cell : cells) {
        CellJson.write(json, cell);
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it is memory
    }
    return out.toByteArray();
  }

  static Cells read(Table table, String key, byte[] value) {
    Optional<List<String>> named = KeyToken.cells(key, table.key().size());
    if (named.isEmpty()) {
      return new Cells.Unreadable(
          Legible.text(key) + ": no row of " + table.label() + " is called so");
    }
    String name = Legible.text(String.join("/", named.get())) + ": ";
    try (JsonParser json = JSON.createParser(value)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        return new Cells.Unreadable(name + "the value is not an array of cells");
      }
      Cells cells = CellJson.read(json);
      if (json.nextToken() != null) {
        return new Cells.Unreadable(name + "the value goes on after its cells");
      }
      return switch (cells) {
        case Cells.Unreadable(String reason, var _) -> new Cells.Unreadable(name + reason);
        case Cells.Values(List<Object> values) -> {
          boolean same =
              values.size() >= named.get().size()
                  && values.subList(0, named.get().size()).equals(named.get());
          yield same ? cells : new Cells.Unreadable(name + "the value is another row's");
        }
      };
    } catch (IOException e) {
      return new Cells.Unreadable(name + "the value is not JSON");
    }
  }

  /// What is known of a row that is gone: its key.
  static Cells keyOnly(Table table, String key) {
    return KeyToken.cells(key, table.key().size())
        .<Cells>map(cells -> new Cells.Values(List.copyOf(cells)))
        .orElseGet(() -> new Cells.Unreadable(Legible.text(key)));
  }
}
