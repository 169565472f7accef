package anycast.routing.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A hostname as one array: all that is kept of it, because there may be millions.
///
/// ```
///   0        4         8            16
///   hash     app slot  generation   name
/// ```
///
/// A name of 42 bytes takes 80 with the array's header. It is one object and not an object that
/// names an array, because a lookup among millions of hosts is nothing but waiting for memory: one
/// pointer less is one wait less. The app is named by slot, so its changes touch no host.
final class HostRecord {
  static final Layout<byte[]> LAYOUT = new Records();
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int SLOT_AT = 4;
  private static final int GENERATION_AT = 8;
  private static final int NAME_AT = 16;

  private HostRecord() {}

  static byte[] of(byte[] name, int slot, long generation) {
    byte[] record = new byte[NAME_AT + name.length];
    INTS.set(record, 0, KeyHash.of(name, 0, name.length));
    INTS.set(record, SLOT_AT, slot);
    LONGS.set(record, GENERATION_AT, generation);
    System.arraycopy(name, 0, record, NAME_AT, name.length);
    return record;
  }

  static int slot(byte[] record) {
    return (int) INTS.get(record, SLOT_AT);
  }

  static long generation(byte[] record) {
    return (long) LONGS.get(record, GENERATION_AT);
  }

  static byte[] name(byte[] record) {
    return Arrays.copyOfRange(record, NAME_AT, record.length);
  }

  static int nameBytes(byte[] record) {
    return record.length - NAME_AT;
  }

  static final class Records implements Layout<byte[]> {
    @Override
    public int hash(byte[] record) {
      return (int) INTS.get(record, 0);
    }

    @Override
    public boolean is(byte[] record, byte[] key, int start, int length) {
      return Arrays.equals(record, NAME_AT, record.length, key, start, start + length);
    }

    @Override
    public boolean is(byte[] record, String key, int start) {
      if (key.length() - start != record.length - NAME_AT) {
        return false;
      }
      for (int i = NAME_AT; i < record.length; i++) {
        if (key.charAt(start + i - NAME_AT) != record[i]) {
          return false;
        }
      }
      return true;
    }

    @Override
    public boolean sameKey(byte[] one, byte[] other) {
      return Arrays.equals(one, NAME_AT, one.length, other, NAME_AT, other.length);
    }
  }
}
