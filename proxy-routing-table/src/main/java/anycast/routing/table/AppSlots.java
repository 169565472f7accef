package anycast.routing.table;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Apps by slot number: a vector whose versions share pages. Hosts name their app by slot, so that
/// a new version of an app is one page of 256 references and not a walk over its hosts.
///
/// **Threading.** Immutable. An [Edit] is one thread's.
final class AppSlots {
  private static final int PAGE_BITS = 8;
  private static final int PAGE = 1 << PAGE_BITS;
  static final AppSlots EMPTY = new AppSlots(new AppRoute[0][], 0, null);

  private static final AppRoute[] NO_APPS = new AppRoute[PAGE];

  private final AppRoute[][] pages;
  private final int end;
  private final Free free;

  /// Slots whose app went, as a list that versions share.
  private record Free(int slot, Free next) {}

  private AppSlots(AppRoute[][] pages, int end, Free free) {
    this.pages = pages;
    this.end = end;
    this.free = free;
  }

  AppRoute at(int slot) {
    return pages[slot >>> PAGE_BITS][slot & PAGE - 1];
  }

  void each(Consumer<AppRoute> each) {
    for (AppRoute[] page : pages) {
      for (AppRoute app : page) {
        if (app != null) {
          each.accept(app);
        }
      }
    }
  }

  /// Tells what each slot holds in this version and in another one, where that differs; null stands
  /// for none. Pages that both share are skipped unread.
  void differences(AppSlots after, BiConsumer<AppRoute, AppRoute> each) {
    for (int i = 0; i < Math.max(pages.length, after.pages.length); i++) {
      AppRoute[] was = i < pages.length ? pages[i] : NO_APPS;
      AppRoute[] now = i < after.pages.length ? after.pages[i] : NO_APPS;
      for (int at = 0; was != now && at < PAGE; at++) {
        if (was[at] != now[at]) {
          each.accept(was[at], now[at]);
        }
      }
    }
  }

  Edit edit() {
    return new Edit(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final AppSlots base;
    private AppRoute[][] pages;
    private int end;
    private Free free;

    private Edit(AppSlots base) {
      this.base = base;
      this.pages = base.pages;
      this.end = base.end;
      this.free = base.free;
    }

    AppRoute at(int slot) {
      return pages[slot >>> PAGE_BITS][slot & PAGE - 1];
    }

    /// The slot that the app has from now on.
    int add(AppRoute app) {
      int slot = free == null ? end++ : free.slot;
      free = free == null ? null : free.next;
      set(slot, app);
      return slot;
    }

    void release(int slot) {
      set(slot, null);
      free = new Free(slot, free);
    }

    void set(int slot, AppRoute app) {
      int page = slot >>> PAGE_BITS;
      if (pages == base.pages || page >= pages.length) {
        AppRoute[][] own = new AppRoute[Math.max(page + 1, pages.length)][];
        System.arraycopy(pages, 0, own, 0, pages.length);
        pages = own;
      }
      if (pages[page] == null) {
        pages[page] = new AppRoute[PAGE];
      } else if (page < base.pages.length && pages[page] == base.pages[page]) {
        pages[page] = pages[page].clone();
      }
      pages[page][slot & PAGE - 1] = app;
    }

    AppSlots freeze() {
      return pages == base.pages ? base : new AppSlots(pages, end, free);
    }
  }
}
