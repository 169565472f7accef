package anycast.routing.table;

import java.util.Arrays;
import java.util.function.Consumer;

/// A hash map whose versions share structure.
///
/// ```
///   directory (64) ──► page (64) ──► shard: open-addressed array of entries, load at most 3/4
///   hash bits 31..26   25..20        19..0, linear probing
/// ```
///
/// Among a million entries a shard holds about 244 in 512 places, so a version with one change
/// copies two arrays of 64 references and one of 512: about 2.5 kB. Shards without entries are one
/// shared object. A probe ends at the first empty place, of which each shard has at least a
/// quarter.
///
/// **Threading.** Immutable; lookups do not allocate. An [Edit] is one thread's.
final class ShardMap<E extends Entry> {
  private static final int WIDTH = 64;
  private static final int PAGE_SHIFT = 26;
  private static final int SHARD_SHIFT = 20;
  private static final int SMALLEST_SHARD = 4;
  private static final Shard NO_ENTRIES = new Shard(new Entry[1], 0);

  private final Shard[][] pages;
  private final int size;

  private record Shard(Entry[] slots, int count) {}

  private ShardMap(Shard[][] pages, int size) {
    this.pages = pages;
    this.size = size;
  }

  static <E extends Entry> ShardMap<E> empty() {
    Shard[] page = new Shard[WIDTH];
    Arrays.fill(page, NO_ENTRIES);
    Shard[][] pages = new Shard[WIDTH][];
    Arrays.fill(pages, page);
    return new ShardMap<>(pages, 0);
  }

  int size() {
    return size;
  }

  /// The entry under these bytes, or null.
  E find(byte[] key, int start, int length) {
    int hash = KeyHash.of(key, start, length);
    Entry[] slots = slots(pages, hash);
    int mask = slots.length - 1;
    for (int i = hash & mask; slots[i] != null; i = i + 1 & mask) {
      Entry entry = slots[i];
      if (entry.hash == hash && entry.is(key, start, length)) {
        return cast(entry);
      }
    }
    return null;
  }

  /// The entry under the text from `start` on, or null.
  E find(String key, int start) {
    return find(pages, key, start);
  }

  void each(Consumer<? super E> each) {
    for (Shard[] page : pages) {
      for (Shard shard : page) {
        for (Entry entry : shard.slots) {
          if (entry != null) {
            each.accept(ShardMap.<E>cast(entry));
          }
        }
      }
    }
  }

  Edit<E> edit() {
    return new Edit<>(this);
  }

  /// The array that holds all entries with this hash: for tests of sharing.
  Object shardOf(int hash) {
    return slots(pages, hash);
  }

  private static Entry[] slots(Shard[][] pages, int hash) {
    return pages[hash >>> PAGE_SHIFT][hash >>> SHARD_SHIFT & WIDTH - 1].slots;
  }

  private static <E extends Entry> E find(Shard[][] pages, String key, int start) {
    int hash = KeyHash.of(key, start);
    Entry[] slots = slots(pages, hash);
    int mask = slots.length - 1;
    for (int i = hash & mask; slots[i] != null; i = i + 1 & mask) {
      Entry entry = slots[i];
      if (entry.hash == hash && entry.is(key, start)) {
        return cast(entry);
      }
    }
    return null;
  }

  /// Only entries of type E are ever put in.
  @SuppressWarnings("unchecked")
  private static <E extends Entry> E cast(Entry entry) {
    return (E) entry;
  }

  /// The next version in the making. What differs from the base by identity belongs to this edit
  /// and is changed in place, so a bulk load copies each shard once and not once a change.
  ///
  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit<E extends Entry> {
    private final ShardMap<E> base;
    private Shard[][] pages;
    private int size;

    private Edit(ShardMap<E> base) {
      this.base = base;
      this.pages = base.pages;
      this.size = base.size;
    }

    E find(String key) {
      return ShardMap.find(pages, key, 0);
    }

    /// @return what had this key before, or null
    E put(E entry) {
      Shard shard = shard(entry.hash);
      int at = place(shard.slots, entry);
      Entry before = shard.slots[at];
      int count = before == null ? shard.count + 1 : shard.count;
      if (count * 4 > shard.slots.length * 3) {
        Entry[] wider = rehashed(shard.slots, Math.max(SMALLEST_SHARD, shard.slots.length * 2));
        wider[place(wider, entry)] = entry;
        replace(entry.hash, new Shard(wider, count));
      } else {
        Entry[] slots = owned(entry.hash, shard);
        slots[at] = entry;
        replace(entry.hash, new Shard(slots, count));
      }
      size += before == null ? 1 : 0;
      return cast(before);
    }

    /// @param entry one with the key that is to go
    void remove(E entry) {
      Shard shard = shard(entry.hash);
      int at = place(shard.slots, entry);
      if (shard.slots[at] == null) {
        return;
      }
      size--;
      int count = shard.count - 1;
      if (count == 0) {
        replace(entry.hash, NO_ENTRIES);
        return;
      }
      Entry[] slots = owned(entry.hash, shard);
      closeGap(slots, at);
      if (slots.length > SMALLEST_SHARD && count * 6 < slots.length) {
        slots = rehashed(slots, slots.length / 2);
      }
      replace(entry.hash, new Shard(slots, count));
    }

    ShardMap<E> freeze() {
      return pages == base.pages ? base : new ShardMap<>(pages, size);
    }

    private Shard shard(int hash) {
      return pages[hash >>> PAGE_SHIFT][hash >>> SHARD_SHIFT & WIDTH - 1];
    }

    private Entry[] owned(int hash, Shard shard) {
      return shard.slots == slots(base.pages, hash) ? shard.slots.clone() : shard.slots;
    }

    private void replace(int hash, Shard shard) {
      if (pages == base.pages) {
        pages = pages.clone();
      }
      int page = hash >>> PAGE_SHIFT;
      if (pages[page] == base.pages[page]) {
        pages[page] = pages[page].clone();
      }
      pages[page][hash >>> SHARD_SHIFT & WIDTH - 1] = shard;
    }

    /// Where the key is, or the empty place where it belongs.
    private static int place(Entry[] slots, Entry entry) {
      int mask = slots.length - 1;
      int i = entry.hash & mask;
      while (slots[i] != null && !(slots[i].hash == entry.hash && slots[i].sameKey(entry))) {
        i = i + 1 & mask;
      }
      return i;
    }

    private static Entry[] rehashed(Entry[] slots, int length) {
      Entry[] fresh = new Entry[length];
      for (Entry entry : slots) {
        if (entry != null) {
          int i = entry.hash & length - 1;
          while (fresh[i] != null) {
            i = i + 1 & length - 1;
          }
          fresh[i] = entry;
        }
      }
      return fresh;
    }

    /// Empties a place and moves up those behind it that a probe would no longer reach.
    private static void closeGap(Entry[] slots, int at) {
      int mask = slots.length - 1;
      int gap = at;
      for (int i = at + 1 & mask; slots[i] != null; i = i + 1 & mask) {
        int home = slots[i].hash & mask;
        if ((i - home & mask) >= (i - gap & mask)) {
          slots[gap] = slots[i];
          gap = i;
        }
      }
      slots[gap] = null;
    }
  }
}
