package anycast.routing.virtual;

import java.util.Map;

/// Texts → values, asked with what a request says. Open addressing, at most half full.
///
/// **Threading.** Immutable; [#find] does not allocate.
final class TextTable<V> {
  /// This object and the heads of three arrays; a place in each of them.
  private static final int ARRAYS_BYTES = 24 + 3 * 16;

  private static final int SLOT_BYTES = 3 * 4;

  private final String[] keys;
  private final int[] hashes;
  private final Object[] values;

  TextTable(Map<String, V> entries) {
    int room = Math.max(2, Integer.highestOneBit(Math.max(1, entries.size())) << 2);
    this.keys = new String[room];
    this.hashes = new int[room];
    this.values = new Object[room];
    entries.forEach((key, value) -> {
      int hash = KeyedHash.of(key);
      int at = hash & room - 1;
      while (keys[at] != null) {
        at = at + 1 & room - 1;
      }
      keys[at] = key;
      hashes[at] = hash;
      values[at] = value;
    });
  }

  /// What this takes beside its values and its keys, which are the rules' own, about.
  int bytes() {
    return ARRAYS_BYTES + keys.length * SLOT_BYTES;
  }

  /// @return null where there is none
  @SuppressWarnings("unchecked")
  V find(CharSequence text) {
    int hash = KeyedHash.of(text);
    int mask = keys.length - 1;
    for (int at = hash & mask; keys[at] != null; at = at + 1 & mask) {
      if (hashes[at] == hash && keys[at].contentEquals(text)) {
        return (V) values[at];
      }
    }
    return null;
  }
}
