package anycast.routing.virtual;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Map;

/// Texts → values, asked with bytes of a path. Open addressing, at most half full.
///
/// **Threading.** Immutable; [#find] does not allocate.
final class ByteTable<V> {
  /// This object and the heads of three arrays; a place in each of them; the head of a key.
  private static final int ARRAYS_BYTES = 24 + 3 * 16;

  private static final int SLOT_BYTES = 3 * 4;
  private static final int KEY_BYTES = 20;

  private final byte[][] keys;
  private final int[] hashes;
  private final Object[] values;

  ByteTable(Map<String, V> entries) {
    int room = Math.max(2, Integer.highestOneBit(Math.max(1, entries.size())) << 2);
    this.keys = new byte[room][];
    this.hashes = new int[room];
    this.values = new Object[room];
    entries.forEach((text, value) -> {
      byte[] key = text.getBytes(UTF_8);
      int hash = KeyedHash.of(key, 0, key.length);
      int at = hash & room - 1;
      while (keys[at] != null) {
        at = at + 1 & room - 1;
      }
      keys[at] = key;
      hashes[at] = hash;
      values[at] = value;
    });
  }

  /// What this takes beside its values, about.
  int bytes() {
    int bytes = ARRAYS_BYTES + keys.length * SLOT_BYTES;
    for (byte[] key : keys) {
      bytes += key == null ? 0 : KEY_BYTES + key.length;
    }
    return bytes;
  }

  /// @return null where there is none
  @SuppressWarnings("unchecked")
  V find(byte[] text, int start, int end) {
    int hash = KeyedHash.of(text, start, end);
    int mask = keys.length - 1;
    for (int at = hash & mask; keys[at] != null; at = at + 1 & mask) {
      byte[] key = keys[at];
      if (hashes[at] == hash && Arrays.equals(key, 0, key.length, text, start, end)) {
        return (V) values[at];
      }
    }
    return null;
  }
}
