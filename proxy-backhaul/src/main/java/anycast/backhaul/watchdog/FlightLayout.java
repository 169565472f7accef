package anycast.backhaul.watchdog;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/// Where what stands in a flight file.
///
/// ```
///   head, 256 bytes                          slot, 256 bytes, one for each thread, from 256 on
///     0  magic              8                  0  since, ticker nanos        8
///     8  version            4                  8  stage, its ordinal         4
///    12  slots              4                 12  stuck: the watchdog's mark 4
///    16  pid                8                 16  entry, high                8
///    24  start, wall millis 8                 24  entry, low                 8
///    32  start, ticker      8                 32  version of the snapshot    8
///    40  watchdog's tick    8                 40  name of the thread        24
///    48  stopping, millis   8                 64  route key                 64
///    56  ended, millis      8                128  rule                      64
///    64  boot id           64                192  exchange                  64
///   128  name              64
///   192  collector's mark  4
/// ```
///
/// Numbers in the machine's byte order, so that one from another kind of machine is foreign by its
/// magic. Texts end with a zero byte or with their room. A slot is four cache lines of its own: two
/// loops never write to the same one.
final class FlightLayout {
  /// `AnyFlght`.
  static final long MAGIC = 0x416e79466c676874L;

  static final int VERSION = 1;
  static final int HEAD_BYTES = 256;
  static final int SLOT_BYTES = 256;

  /// More threads than any machine gives loops.
  static final int MAX_SLOTS = 4096;

  static final long MAGIC_AT = 0;
  static final long VERSION_AT = 8;
  static final long SLOTS_AT = 12;
  static final long PID_AT = 16;
  static final long STARTED_MILLIS_AT = 24;
  static final long STARTED_NANOS_AT = 32;
  static final long TICK_AT = 40;
  static final long STOPPING_AT = 48;
  static final long ENDED_AT = 56;
  static final long BOOT_AT = 64;
  static final int BOOT_BYTES = 64;
  static final long NAME_AT = 128;
  static final int NAME_BYTES = 64;
  static final long COLLECTING_AT = 192;

  static final long SINCE_AT = 0;
  static final long STAGE_AT = 8;
  static final long STUCK_AT = 12;
  static final long HIGH_AT = 16;
  static final long LOW_AT = 24;
  static final long SNAPSHOT_AT = 32;
  static final long THREAD_AT = 40;
  static final int THREAD_BYTES = 24;
  static final long KEY_AT = 64;
  static final int KEY_BYTES = 64;
  static final long RULE_AT = 128;
  static final int RULE_BYTES = 64;
  static final long EXCHANGE_AT = 192;
  static final int EXCHANGE_BYTES = 64;

  private static final VarHandle INTS = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();

  private FlightLayout() {}

  static long bytes(int slots) {
    return HEAD_BYTES + (long) slots * SLOT_BYTES;
  }

  /// In the order of the program, and soon: the compiler neither moves it nor keeps it back, also
  /// before a loop that never ends. No fence: on the machine it is a plain store.
  static void putInOrder(MemorySegment memory, long at, int value) {
    INTS.setOpaque(memory, at, value);
  }

  /// See above.
  static void putInOrder(MemorySegment memory, long at, long value) {
    LONGS.setOpaque(memory, at, value);
  }

  /// A text, cut to its room; of what is no Latin-1, question marks.
  static void put(MemorySegment memory, long at, int room, String text) {
    if (text.length() < room) {
      // One copy of the string's own bytes, and the zero behind.
      memory.setString(at, text, StandardCharsets.ISO_8859_1);
      return;
    }
    for (int i = 0; i < room; i++) {
      char c = text.charAt(i);
      memory.set(ValueLayout.JAVA_BYTE, at + i, c < 0x100 ? (byte) c : (byte) '?');
    }
  }

  /// A text as bytes, cut to its room.
  static void put(MemorySegment memory, long at, int room, byte[] text, int start, int length) {
    int taken = Math.min(length, room);
    MemorySegment.copy(text, start, memory, ValueLayout.JAVA_BYTE, at, taken);
    if (taken < room) {
      memory.set(ValueLayout.JAVA_BYTE, at + taken, (byte) 0);
    }
  }

  /// What [#put] makes of a process' name.
  static String name(String name) {
    StringBuilder cut = new StringBuilder(NAME_BYTES);
    for (int i = 0; i < Math.min(name.length(), NAME_BYTES); i++) {
      cut.append(name.charAt(i) < 0x100 ? name.charAt(i) : '?');
    }
    return cut.toString();
  }

  /// What [#put] wrote. Of a slot in the middle of being written, perhaps of two texts a part each.
  static String text(MemorySegment memory, long at, int room) {
    StringBuilder text = new StringBuilder(room);
    for (int i = 0; i < room; i++) {
      int b = memory.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
      if (b == 0) {
        break;
      }
      text.append((char) b);
    }
    return text.toString();
  }
}
