package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Writes field blocks (RFC 7541).
///
/// Most heads of one connection repeat: agent, accept, forwarding fields. A pair enters the dynamic
/// table when it is seen for the second time within a short memory, so values that come once (ids,
/// dates) never push out those that repeat. An indexed pair is one or two bytes for us and, more
/// important, one table look-up without a new object for the peer. Strings are not Huffman-coded:
/// it would save about a quarter of the literal bytes, and cost both ends more than moving them.
///
/// Secrets (authorization, cookies) are never-indexed literals: an index is a size oracle (RFC 7541
/// §7.1).
///
/// **Threading.** One event loop. **Limits.** The table holds 4096 bytes at most, less where the
/// peer says so.
final class HpackWriter {
  private static final int MAX_TABLE_BYTES = 4096;
  // 32 bytes an entry is the least that an entry counts: no more fit.
  private static final int MAX_ENTRIES = MAX_TABLE_BYTES / 32;
  private static final int ENTRY_OVERHEAD = 32;
  // One of 512 pairs seen lately; a collision costs a needless entry or a late one.
  private static final int MEMORY = 512;
  private static final int SLOTS = 256;
  // A longer pair would push out a quarter of the table.
  private static final int LONGEST_INDEXED = MAX_TABLE_BYTES / 4;

  // The golden ratio as 64-bit fraction, odd: spreads low bits upwards.
  private static final long MIX = 0x9E3779B97F4A7C15L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final int[] seen = new int[MEMORY];
  // Ring of entries; entry number n lies at n mod MAX_ENTRIES. Numbers grow with each insertion,
  // and may wrap: only differences are looked at.
  private final byte[][] entryBytes = new byte[MAX_ENTRIES][];
  private final int[] entryNameLength = new int[MAX_ENTRIES];
  private final int[] entryHash = new int[MAX_ENTRIES];
  private final int[] entryNext = new int[MAX_ENTRIES];
  // Newest entry number of each chain, plus one; 0 is none.
  private final int[] chains = new int[SLOTS];
  private int inserted;
  private int oldest;
  private int tableBytes;
  private int maxTableBytes = MAX_TABLE_BYTES;
  private int pendingLeast = -1;
  private byte[] scratch = new byte[256];

  /// The peer's SETTINGS_HEADER_TABLE_SIZE; the next block tells it what we use of it.
  void peerTableBytes(long bytes) {
    int max = (int) Math.min(bytes, MAX_TABLE_BYTES);
    if (max == maxTableBytes) {
      return;
    }
    pendingLeast = pendingLeast < 0 ? max : Math.min(pendingLeast, max);
    maxTableBytes = max;
    evictTo(max);
  }

  /// Before the first field of a block: changes of the table's size (RFC 7541 §4.2).
  void begin(ByteBuf out) {
    if (pendingLeast < 0) {
      return;
    }
    if (pendingLeast < maxTableBytes) {
      integer(out, 0x20, 5, pendingLeast);
    }
    integer(out, 0x20, 5, maxTableBytes);
    pendingLeast = -1;
  }

  /// Writes `:status`, the three digits as they are.
  void status(ByteBuf out, int status) {
    byte[] digits = scratch;
    digits[0] = (byte) ('0' + status / 100);
    digits[1] = (byte) ('0' + status / 10 % 10);
    digits[2] = (byte) ('0' + status % 10);
    int index = HpackStatic.pairIndex(8, digits, 0, 3);
    if (index > 0) {
      integer(out, 0x80, 7, index);
    } else {
      integer(out, 0x00, 4, 8);
      integer(out, 0x00, 7, 3);
      out.writeBytes(digits, 0, 3);
    }
  }

  /// Writes one pseudo-header.
  void pseudo(ByteBuf out, AsciiString name, AsciiString value) {
    int nameLength = name.length();
    int valueLength = value.length();
    if (scratch.length < nameLength + valueLength) {
      scratch = new byte[nameLength + valueLength];
    }
    System.arraycopy(name.array(), name.arrayOffset(), scratch, 0, nameLength);
    System.arraycopy(value.array(), value.arrayOffset(), scratch, nameLength, valueLength);
    field(out, scratch, 0, nameLength, nameLength, valueLength);
  }

  void fields(ByteBuf out, Fields fields) {
    byte[] array = fields.array();
    for (int i = 0, n = fields.size(); i < n; i++) {
      field(
          out,
          array,
          fields.nameStart(i),
          fields.nameLength(i),
          fields.valueStart(i),
          fields.valueLength(i));
    }
  }

  private void field(
      ByteBuf out, byte[] array, int nameStart, int nameLength, int valueStart, int valueLength) {
    int nameIndex = HpackStatic.nameIndex(array, nameStart, nameLength);
    if (secret(nameIndex)) {
      literal(out, 0x10, 4, nameIndex, array, nameStart, nameLength, valueStart, valueLength);
      return;
    }
    if (nameIndex > 0) {
      int pair = HpackStatic.pairIndex(nameIndex, array, valueStart, valueLength);
      if (pair > 0) {
        integer(out, 0x80, 7, pair);
        return;
      }
    }
    int size = nameLength + valueLength + ENTRY_OVERHEAD;
    if (size > Math.min(LONGEST_INDEXED, maxTableBytes)) {
      literal(out, 0x00, 4, nameIndex, array, nameStart, nameLength, valueStart, valueLength);
      return;
    }
    int hash = hash(array, nameStart, nameLength) * 31 + hash(array, valueStart, valueLength);
    int entry = find(hash, array, nameStart, nameLength, valueStart, valueLength);
    if (entry >= 0) {
      integer(out, 0x80, 7, HpackStatic.SIZE + inserted - entry);
      return;
    }
    int memory = hash & MEMORY - 1;
    if (seen[memory] != hash) {
      seen[memory] = hash;
      literal(out, 0x00, 4, nameIndex, array, nameStart, nameLength, valueStart, valueLength);
      return;
    }
    literal(out, 0x40, 6, nameIndex, array, nameStart, nameLength, valueStart, valueLength);
    insert(hash, array, nameStart, nameLength, valueStart, valueLength);
  }

  // authorization, cookie, proxy-authorization, set-cookie in the static table.
  private static boolean secret(int nameIndex) {
    return nameIndex == 23 || nameIndex == 32 || nameIndex == 49 || nameIndex == 55;
  }

  private static void literal(
      ByteBuf out,
      int pattern,
      int prefixBits,
      int nameIndex,
      byte[] array,
      int nameStart,
      int nameLength,
      int valueStart,
      int valueLength) {
    integer(out, pattern, prefixBits, nameIndex);
    if (nameIndex == 0) {
      integer(out, 0x00, 7, nameLength);
      out.writeBytes(array, nameStart, nameLength);
    }
    integer(out, 0x00, 7, valueLength);
    out.writeBytes(array, valueStart, valueLength);
  }

  private static void integer(ByteBuf out, int pattern, int prefixBits, int value) {
    int max = (1 << prefixBits) - 1;
    if (value < max) {
      out.writeByte(pattern | value);
      return;
    }
    out.writeByte(pattern | max);
    int rest = value - max;
    while (rest >= 128) {
      out.writeByte(rest & 127 | 128);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  private int find(
      int hash, byte[] array, int nameStart, int nameLength, int valueStart, int valueLength) {
    int link = chains[hash & SLOTS - 1];
    while (link != 0 && inserted - (link - 1) <= inserted - oldest) {
      int number = link - 1;
      int at = number & MAX_ENTRIES - 1;
      byte[] bytes = entryBytes[at];
      if (entryHash[at] == hash
          && entryNameLength[at] == nameLength
          && bytes.length == nameLength + valueLength
          && Arrays.equals(bytes, 0, nameLength, array, nameStart, nameStart + nameLength)
          && Arrays.equals(
              bytes, nameLength, bytes.length, array, valueStart, valueStart + valueLength)) {
        return number;
      }
      link = entryNext[at];
    }
    return -1;
  }

  private void insert(
      int hash, byte[] array, int nameStart, int nameLength, int valueStart, int valueLength) {
    int size = nameLength + valueLength + ENTRY_OVERHEAD;
    evictTo(maxTableBytes - size);
    byte[] bytes = new byte[nameLength + valueLength];
    System.arraycopy(array, nameStart, bytes, 0, nameLength);
    System.arraycopy(array, valueStart, bytes, nameLength, valueLength);
    int at = inserted & MAX_ENTRIES - 1;
    entryBytes[at] = bytes;
    entryNameLength[at] = nameLength;
    entryHash[at] = hash;
    entryNext[at] = chains[hash & SLOTS - 1];
    chains[hash & SLOTS - 1] = ++inserted;
    tableBytes += size;
  }

  private void evictTo(int bytes) {
    while (tableBytes > bytes) {
      int at = oldest++ & MAX_ENTRIES - 1;
      tableBytes -= entryBytes[at].length + ENTRY_OVERHEAD;
      entryBytes[at] = null;
    }
  }

  private static int hash(byte[] array, int start, int length) {
    long hash = length;
    int i = start;
    int end = start + length;
    for (; i <= end - 8; i += 8) {
      hash = (hash ^ (long) LONGS.get(array, i)) * MIX;
      hash ^= hash >>> 32;
    }
    for (; i < end; i++) {
      hash = (hash ^ array[i]) * MIX;
    }
    return (int) (hash ^ hash >>> 32);
  }
}
