package anycast.routing.table;

import java.util.Arrays;
import java.util.function.BiConsumer;
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
final class ShardMap<E> {
  private static final int WIDTH = 64;
  private static final int PAGE_SHIFT = 26;
  private static final int SHARD_SHIFT = 20;
  private static final int SMALLEST_SHARD = 4;
  private static final Shard NO_ENTRIES = new Shard(new Object[1], 0);

  private final Layout<E> layout;
  private final Shard[][] pages;
  private final int size;

  /// @param mask `slots.length - 1`, kept here so that a lookup finds its place without waiting for
  ///   the array's header to come from memory
  private record Shard(Object[] slots, int mask, int count) {
    Shard(Object[] slots, int count) {
      this(slots, slots.length - 1, count);
    }
  }

  private ShardMap(Layout<E> layout, Shard[][] pages, int size) {
    this.layout = layout;
    this.pages = pages;
    this.size = size;
  }

  static <E> ShardMap<E> empty(Layout<E> layout) {
    Shard[] page = new Shard[WIDTH];
    Arrays.fill(page, NO_ENTRIES);
    Shard[][] pages = new Shard[WIDTH][];
    Arrays.fill(pages, page);
    return new ShardMap<>(layout, pages, 0);
  }

  int size() {
    return size;
  }

  /// The entry under these bytes, or null.
  E find(byte[] key, int start, int length) {
    int hash = KeyHash.of(key, start, length);
    Shard shard = pages[hash >>> PAGE_SHIFT][hash >>> SHARD_SHIFT & WIDTH - 1];
    Object[] slots = shard.slots;
    int mask = shard.mask;
    for (int i = hash & mask; slots[i] != null; i = i + 1 & mask) {
      E entry = cast(slots[i]);
      if (layout.hash(entry) == hash && layout.is(entry, key, start, length)) {
        return entry;
      }
    }
    return null;
  }

  /// The entry under the text from `start` on, or null.
  E find(String key, int start) {
    return find(layout, pages, key, start);
  }

  void each(Consumer<? super E> each) {
    for (Shard[] page : pages) {
      for (Shard shard : page) {
        for (Object entry : shard.slots) {
          if (entry != null) {
            each.accept(ShardMap.<E>cast(entry));
          }
        }
      }
    }
  }

  /// Tells what each key means in this version and in another one, where that differs by identity;
  /// null stands for none. Shards that both share are skipped unread.
  void differences(ShardMap<E> after, BiConsumer<? super E, ? super E> each) {
    for (int page = 0; page < WIDTH; page++) {
      if (pages[page] != after.pages[page]) {
        for (int i = 0; i < WIDTH; i++) {
          differences(pages[page][i].slots, after.pages[page][i].slots, each);
        }
      }
    }
  }

  private void differences(Object[] before, Object[] after, BiConsumer<? super E, ? super E> each) {
    if (before == after) {
      return;
    }
    boolean alike = before.length == after.length;
    for (int i = 0; i < before.length; i++) {
      Object entry = before[i];
      // Most entries of two versions of a shard are at the same place.
      if (entry != null && !(alike && after[i] == entry)) {
        E now = cast(after[place(layout, after, cast(entry))]);
        if (now != entry) {
          each.accept(cast(entry), now);
        }
      }
    }
    for (int i = 0; i < after.length; i++) {
      Object entry = after[i];
      if (entry != null
          && !(alike && before[i] == entry)
          && before[place(layout, before, cast(entry))] == null) {
        each.accept(null, cast(entry));
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

  private static Object[] slots(Shard[][] pages, int hash) {
    return pages[hash >>> PAGE_SHIFT][hash >>> SHARD_SHIFT & WIDTH - 1].slots;
  }

  private static <E> E find(Layout<E> layout, Shard[][] pages, String key, int start) {
    int hash = KeyHash.of(key, start);
    Shard shard = pages[hash >>> PAGE_SHIFT][hash >>> SHARD_SHIFT & WIDTH - 1];
    Object[] slots = shard.slots;
    int mask = shard.mask;
    for (int i = hash & mask; slots[i] != null; i = i + 1 & mask) {
      E entry = cast(slots[i]);
      if (layout.hash(entry) == hash && layout.is(entry, key, start)) {
        return entry;
      }
    }
    return null;
  }

  /// Where the key is, or the empty place where it belongs.
  private static <E> int place(Layout<E> layout, Object[] slots, E entry) {
    int hash = layout.hash(entry);
    int mask = slots.length - 1;
    int i = hash & mask;
    while (slots[i] != null) {
      E other = cast(slots[i]);
      if (layout.hash(other) == hash && layout.sameKey(other, entry)) {
        break;
      }
      i = i + 1 & mask;
    }
    return i;
  }

  /// Only entries of type E are ever put in.
  @SuppressWarnings("unchecked")
  private static <E> E cast(Object entry) {
    return (E) entry;
  }

  /// The next version in the making. What differs from the base by identity belongs to this edit
  /// and is changed in place, so a bulk load copies each shard once and not once a change.
  ///
  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit<E> {
    private final ShardMap<E> base;
    private Shard[][] pages;
    private int size;
    private int firstLength = SMALLEST_SHARD;

    private Edit(ShardMap<E> base) {
      this.base = base;
      this.pages = base.pages;
      this.size = base.size;
    }

    E find(String key) {
      return size == 0 ? null : ShardMap.find(base.layout, pages, key, 0);
    }

    boolean isEmpty() {
      return size == 0;
    }

    /// Many entries are about to come: shards that are empty need not grow step by step.
    ///
    /// @param entries about how many
    void expect(int entries) {
      int aShard = entries / (WIDTH * WIDTH) * 4 / 3;
      firstLength = Math.max(SMALLEST_SHARD, Integer.highestOneBit(aShard) * 2);
    }

    /// @return what had this key before, or null
    E put(E entry) {
      int hash = base.layout.hash(entry);
      Shard shard = shard(hash);
      int at = place(shard.slots, entry);
      Object before = shard.slots[at];
      int count = before == null ? shard.count + 1 : shard.count;
      if (count * 4 > shard.slots.length * 3) {
        Object[] wider = rehashed(shard.slots, Math.max(firstLength, shard.slots.length * 2));
        wider[place(wider, entry)] = entry;
        replace(hash, new Shard(wider, count));
      } else {
        Object[] slots = owned(hash, shard);
        slots[at] = entry;
        replace(hash, new Shard(slots, count));
      }
      size += before == null ? 1 : 0;
      return cast(before);
    }

    /// @param entry one with the key that is to go
    void remove(E entry) {
      int hash = base.layout.hash(entry);
      Shard shard = shard(hash);
      int at = place(shard.slots, entry);
      if (shard.slots[at] == null) {
        return;
      }
      size--;
      int count = shard.count - 1;
      if (count == 0) {
        replace(hash, NO_ENTRIES);
        return;
      }
      Object[] slots = owned(hash, shard);
      closeGap(slots, at);
      if (slots.length > SMALLEST_SHARD && count * 6 < slots.length) {
        slots = rehashed(slots, slots.length / 2);
      }
      replace(hash, new Shard(slots, count));
    }

    ShardMap<E> freeze() {
      return pages == base.pages ? base : new ShardMap<>(base.layout, pages, size);
    }

    private int hash(Object entry) {
      return base.layout.hash(ShardMap.<E>cast(entry));
    }

    private Shard shard(int hash) {
      return pages[hash >>> PAGE_SHIFT][hash >>> SHARD_SHIFT & WIDTH - 1];
    }

    private Object[] owned(int hash, Shard shard) {
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

    private int place(Object[] slots, E entry) {
      return ShardMap.place(base.layout, slots, entry);
    }

    private Object[] rehashed(Object[] slots, int length) {
      Object[] fresh = new Object[length];
      for (Object entry : slots) {
        if (entry != null) {
          int i = hash(entry) & length - 1;
          while (fresh[i] != null) {
            i = i + 1 & length - 1;
          }
          fresh[i] = entry;
        }
      }
      return fresh;
    }

    /// Empties a place and moves up those behind it that a probe would no longer reach.
    private void closeGap(Object[] slots, int at) {
      int mask = slots.length - 1;
      int gap = at;
      for (int i = at + 1 & mask; slots[i] != null; i = i + 1 & mask) {
        int home = hash(slots[i]) & mask;
        if ((i - home & mask) >= (i - gap & mask)) {
          slots[gap] = slots[i];
          gap = i;
        }
      }
      slots[gap] = null;
    }
  }
}
