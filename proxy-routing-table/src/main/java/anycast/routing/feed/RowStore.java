package anycast.routing.feed;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.table.KeyHash;
import java.util.Arrays;
import java.util.BitSet;

/// Rows by rowid and by key, in arrays.
///
/// ```
///  rowid ──► [byRowid] ──┐                ┌── rowids   values   hashes
///                        ├──► slot ──────►│   7        shop     …
///  key   ──► [byKey]   ──┘                │   9        (skipped) …
/// ```
///
/// A million rows cost about 32 MB beside the values themselves; two hash maps would cost 150. Both
/// tables are open-addressed with linear probing and at most 3/4 full. Of several rows with one key
/// the last one put owns it; the others are found by rowid only. Slots are handed out in order and
/// reused, and all walks go by slot, so that nothing depends on hashes, which differ in each
/// process.
///
/// **Threading.** One thread's.
final class RowStore {
  /// Stands in for the value of a row that could never be decoded.
  static final Object NOTHING = new Object();

  /// No such row.
  static final int NONE = -1;

  private static final int SMALLEST = 16;

  private long[] rowids = new long[SMALLEST];
  private Object[] values = new Object[SMALLEST];

  /// Hashes of the keys; of a free slot the next free one.
  private int[] hashes = new int[SMALLEST];

  /// Slot + 1; 0 = empty.
  private int[] byRowid = new int[SMALLEST * 2];

  private int[] byKey = new int[SMALLEST * 2];

  /// No rowid was ever above.
  private long highest = Long.MIN_VALUE;

  private int end;
  private int free = NONE;
  private int rows;
  private int keys;
  private final BitSet skipped = new BitSet();
  private int bare;

  /// Keys that have a row.
  int keyCount() {
    return keys;
  }

  /// Rows that could not be decoded.
  int skippedCount() {
    return skipped.cardinality();
  }

  /// Those of them in whose place the version before serves.
  int previousServes() {
    return skippedCount() - bare;
  }

  /// All slots are below.
  int end() {
    return end;
  }

  /// An entity, a beat, a reject, or [#NOTHING]; null where the slot is free.
  Object value(int slot) {
    return values[slot];
  }

  long rowid(int slot) {
    return rowids[slot];
  }

  boolean isSkipped(int slot) {
    return skipped.get(slot);
  }

  void skipped(int slot, boolean is) {
    skipped.set(slot, is);
  }

  /// Whether the slot holds a value that owns its key.
  boolean owns(int slot) {
    Object value = values[slot];
    return value != null && value != NOTHING && slotOf(hashes[slot], key(value)) == slot;
  }

  int slotOf(long rowid) {
    // Most snapshots come in the order of rowids.
    if (rowid > highest) {
      return NONE;
    }
    int mask = byRowid.length - 1;
    for (int i = hash(rowid) & mask; byRowid[i] != 0; i = i + 1 & mask) {
      if (rowids[byRowid[i] - 1] == rowid) {
        return byRowid[i] - 1;
      }
    }
    return NONE;
  }

  int slotOf(Object key) {
    return slotOf(hash(key), key);
  }

  /// @param hash of `key`, from [#hash(Object)]
  int slotOf(int hash, Object key) {
    int mask = byKey.length - 1;
    for (int i = hash & mask; byKey[i] != 0; i = i + 1 & mask) {
      int slot = byKey[i] - 1;
      if (hashes[slot] == hash && key(values[slot]).equals(key)) {
        return slot;
      }
    }
    return NONE;
  }

  /// The value that owns a key, or null.
  Object find(Object key) {
    int slot = keys == 0 ? NONE : slotOf(hash(key), key);
    return slot == NONE ? null : values[slot];
  }

  /// As [#find(Object)], for the key of the value that another store holds there.
  Object findKeyOf(RowStore other, int slot) {
    int found = keys == 0 ? NONE : slotOf(other.hashes[slot], key(other.values[slot]));
    return found == NONE ? null : values[found];
  }

  /// Adds a row that is not there yet; a value owns its key from now on.
  ///
  /// @return its slot
  int add(long rowid, Object value) {
    return add(rowid, value, value == NOTHING ? 0 : hash(key(value)));
  }

  /// As [#add(long, Object)], unless the value's key has a row already.
  ///
  /// @return whether it was added
  boolean addNew(long rowid, Object value) {
    Object key = key(value);
    int hash = hash(key);
    if (slotOf(hash, key) != NONE) {
      return false;
    }
    add(rowid, value, hash);
    return true;
  }

  private int add(long rowid, Object value, int hash) {
    int slot = free;
    if (slot == NONE) {
      slot = end++;
      if (slot == values.length) {
        int wider = values.length + (values.length >> 1);
        rowids = Arrays.copyOf(rowids, wider);
        values = Arrays.copyOf(values, wider);
        hashes = Arrays.copyOf(hashes, wider);
      }
    } else {
      free = hashes[slot];
    }
    rowids[slot] = rowid;
    highest = Math.max(highest, rowid);
    values[slot] = value;
    rows++;
    if (rows * 4L > byRowid.length * 3L) {
      widenByRowid();
    } else {
      insertByRowid(slot);
    }
    if (value == NOTHING) {
      bare++;
    } else {
      hashes[slot] = hash;
      own(slot);
    }
    return slot;
  }

  /// Gives a row another value, which owns its key from now on; the key may be another one only
  /// where the row does not own the one that it has.
  void set(int slot, Object value) {
    if (values[slot] == NOTHING) {
      bare--;
    }
    values[slot] = value;
    hashes[slot] = hash(key(value));
    own(slot);
  }

  /// Takes the key away from a row that owns it.
  void disown(int slot) {
    int mask = byKey.length - 1;
    int i = hashes[slot] & mask;
    while (byKey[i] != slot + 1) {
      i = i + 1 & mask;
    }
    keys--;
    int gap = i;
    for (int j = i + 1 & mask; byKey[j] != 0; j = j + 1 & mask) {
      int home = hashes[byKey[j] - 1] & mask;
      if ((j - home & mask) >= (j - gap & mask)) {
        byKey[gap] = byKey[j];
        gap = j;
      }
    }
    byKey[gap] = 0;
  }

  /// Removes a row that does not own a key any more.
  void remove(int slot) {
    int mask = byRowid.length - 1;
    int i = hash(rowids[slot]) & mask;
    while (byRowid[i] != slot + 1) {
      i = i + 1 & mask;
    }
    int gap = i;
    for (int j = i + 1 & mask; byRowid[j] != 0; j = j + 1 & mask) {
      int home = hash(rowids[byRowid[j] - 1]) & mask;
      if ((j - home & mask) >= (j - gap & mask)) {
        byRowid[gap] = byRowid[j];
        gap = j;
      }
    }
    byRowid[gap] = 0;
    rows--;
    bare -= values[slot] == NOTHING ? 1 : 0;
    skipped.clear(slot);
    values[slot] = null;
    hashes[slot] = free;
    free = slot;
  }

  private void own(int slot) {
    if ((keys + 1) * 4L > byKey.length * 3L) {
      widenByKey();
    }
    Object key = key(values[slot]);
    int mask = byKey.length - 1;
    int i = hashes[slot] & mask;
    while (byKey[i] != 0) {
      int owner = byKey[i] - 1;
      if (hashes[owner] == hashes[slot] && key(values[owner]).equals(key)) {
        byKey[i] = slot + 1;
        return;
      }
      i = i + 1 & mask;
    }
    byKey[i] = slot + 1;
    keys++;
  }

  private void insertByRowid(int slot) {
    int mask = byRowid.length - 1;
    int i = hash(rowids[slot]) & mask;
    while (byRowid[i] != 0) {
      i = i + 1 & mask;
    }
    byRowid[i] = slot + 1;
  }

  private void widenByRowid() {
    byRowid = new int[byRowid.length * 2];
    for (int slot = 0; slot < end; slot++) {
      if (values[slot] != null) {
        insertByRowid(slot);
      }
    }
  }

  private void widenByKey() {
    int[] narrow = byKey;
    byKey = new int[narrow.length * 2];
    int mask = byKey.length - 1;
    for (int place : narrow) {
      if (place != 0) {
        int i = hashes[place - 1] & mask;
        while (byKey[i] != 0) {
          i = i + 1 & mask;
        }
        byKey[i] = place;
      }
    }
  }

  private static int hash(long rowid) {
    long mixed = rowid * 0x9e3779b97f4a7c15L;
    return (int) (mixed ^ mixed >>> 32);
  }

  /// What a usable row is kept as: without the shell that says how it was decoded.
  static Object value(Decoded.Usable usable) {
    return switch (usable) {
      case Decoded.Routed(Entity entity) -> entity;
      case Decoded.Beat beat -> beat;
      case Decoded.Reject reject -> reject;
    };
  }

  /// What identifies a value.
  static Object key(Object value) {
    return value instanceof Entity entity ? entity.key() : ((Decoded.Usable) value).key();
  }

  /// Hash of a key: keyed, because tenants choose names.
  static int hash(Object key) {
    if (key instanceof NodeId node) {
      return text(node.value());
    }
    if (key instanceof Decoded.RejectKey(NodeId node, String content)) {
      return pair(node.value(), content);
    }
    return switch ((Entity.Key) key) {
      case Entity.InstanceKey(NodeId node, InstanceId id) -> pair(node.value(), id.value());
      case Entity.AppKey(AppId app) -> text(app.name());
      case Entity.ServiceKey(AppId app, String service) -> pair(app.name(), service);
      case Entity.NodeKey(NodeId node) -> text(node.value());
      case Entity.HostnameKey(String name) -> text(name);
      case Entity.CertificateKey(String name) -> text(name);
      case Entity.VirtualServiceKey(String name) -> text(name);
      case Entity.AppRegionKey(AppId app, NodeId node) -> pair(app.name(), node.value());
      case Entity.InstanceHealthKey(NodeId node, InstanceId id) -> pair(node.value(), id.value());
      case Entity.CordonKey(NodeId node, InstanceId id) -> pair(node.value(), id.value());
    };
  }

  private static int text(String text) {
    return KeyHash.of(text, 0);
  }

  private static int pair(String one, String other) {
    return KeyHash.of(one, 0) * 31 + KeyHash.of(other, 0);
  }
}
