package anycast.routing.table;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Things by slot number: a vector whose versions share pages. Hosts name their app by slot, and
/// rules their target groups, so that a new version of an app is one page of 256 references and not
/// a walk over its hosts.
///
/// **Threading.** Immutable. An [Edit] is one thread's.
final class Slots<T> {
  private static final int PAGE_BITS = 8;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final Slots<?> EMPTY = new Slots<>(new Object[0][], 0, null);

  private static final Object[] NOTHING = new Object[PAGE];

  private final Object[][] pages;
  private final int end;
  private final Free free;

  /// Slots whose thing went, as a list that versions share.
  private record Free(int slot, Free next) {}

  @SuppressWarnings("unchecked") // it holds none
  static <T> Slots<T> empty() {
    return (Slots<T>) EMPTY;
  }

  private Slots(Object[][] pages, int end, Free free) {
    this.pages = pages;
    this.end = end;
    this.free = free;
  }

  /// Null where there is none.
  T at(int slot) {
    return cast(pages[slot >>> PAGE_BITS][slot & PAGE - 1]);
  }

  /// Whether there ever was such a slot.
  boolean has(int slot) {
    return slot >= 0 && slot < end;
  }

  @SuppressWarnings("unchecked") // only things of type T are ever put in
  private static <T> T cast(Object thing) {
    return (T) thing;
  }

  void each(Consumer<? super T> each) {
    for (Object[] page : pages) {
      for (Object thing : page) {
        if (thing != null) {
          each.accept(Slots.<T>cast(thing));
        }
      }
    }
  }

  /// Tells what each slot holds in this version and in another one, where that differs; null stands
  /// for none. Pages that both share are skipped unread.
  void differences(Slots<T> after, BiConsumer<? super T, ? super T> each) {
    for (int i = 0; i < Math.max(pages.length, after.pages.length); i++) {
      Object[] was = i < pages.length ? pages[i] : NOTHING;
      Object[] now = i < after.pages.length ? after.pages[i] : NOTHING;
      for (int at = 0; was != now && at < PAGE; at++) {
        if (was[at] != now[at]) {
          each.accept(Slots.<T>cast(was[at]), Slots.<T>cast(now[at]));
        }
      }
    }
  }

  Edit<T> edit() {
    return new Edit<>(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit<T> {
    private final Slots<T> base;
    private Object[][] pages;
    private int end;
    private Free free;

    private Edit(Slots<T> base) {
      this.base = base;
      this.pages = base.pages;
      this.end = base.end;
      this.free = base.free;
    }

    T at(int slot) {
      return cast(pages[slot >>> PAGE_BITS][slot & PAGE - 1]);
    }

    /// The slot that the thing has from now on.
    int add(T thing) {
      int slot = free == null ? end++ : free.slot;
      free = free == null ? null : free.next;
      set(slot, thing);
      return slot;
    }

    void release(int slot) {
      set(slot, null);
      free = new Free(slot, free);
    }

    void set(int slot, T thing) {
      int page = slot >>> PAGE_BITS;
      if (pages == base.pages || page >= pages.length) {
        Object[][] own = new Object[Math.max(page + 1, pages.length)][];
        System.arraycopy(pages, 0, own, 0, pages.length);
        pages = own;
      }
      if (pages[page] == null) {
        pages[page] = new Object[PAGE];
      } else if (page < base.pages.length && pages[page] == base.pages[page]) {
        pages[page] = pages[page].clone();
      }
      pages[page][slot & PAGE - 1] = thing;
    }

    Slots<T> freeze() {
      return pages == base.pages ? base : new Slots<>(pages, end, free);
    }
  }
}
