package anycast.ctl;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Decoded;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.feed.nats.NatsState.Stored;
import java.util.Optional;

/// One row on its way from one state to another.
///
/// @param stored its key and bytes as a bucket has them, and what the bytes say
record StateRow(Table table, Stored stored) {
  String key() {
    return stored.key();
  }

  /// Why no proxy can use it; empty = it is good.
  Optional<String> defect() {
    return switch (RowCodec.decode(table, stored.cells())) {
      case Decoded.Undecodable(String reason) -> Optional.of(reason);
      case Decoded.Usable _ -> Optional.empty();
    };
  }

  /// What two places must agree on: the cells where they can be read, else the bytes.
  Object content() {
    return switch (stored.cells()) {
      case Cells.Values(var values) -> values.stream().map(StateRow::comparable).toList();
      case Cells.Unreadable _ ->
          new String(stored.value(), java.nio.charset.StandardCharsets.ISO_8859_1);
    };
  }

  private static Object comparable(Object cell) {
    return cell instanceof byte[] bytes
        ? java.util.HexFormat.of().formatHex(bytes)
        : String.valueOf(cell);
  }

  String name() {
    return table.label() + "/" + key();
  }
}
