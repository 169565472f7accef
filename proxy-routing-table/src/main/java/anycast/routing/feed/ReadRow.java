package anycast.routing.feed;

import anycast.routing.document.DocumentReading;

/// A row as an audit read it. Its rowid is left out: two readings number rows as they like.
///
/// @param key null where it is illegible
/// @param value an entity; null where the row cannot be decoded
public record ReadRow(Object key, Object value) {
  /// Pure: to be called by the thread that reads.
  public static ReadRow of(Table table, Cells cells) {
    return of(table, cells, DocumentReading.DIRECT);
  }

  /// The same; documents are read by `documents`.
  static ReadRow of(Table table, Cells cells, DocumentReading documents) {
    return switch (RowCodec.decode(table, cells, Interned.none(), documents)) {
      case Decoded.Usable usable -> new ReadRow(usable.key(), RowStore.value(usable));
      case Decoded.Undecodable _ -> new ReadRow(RowCodec.key(table, cells), null);
    };
  }
}
