package anycast.routing.feed.sqlite;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A million rows of which many readers hold a picture each, made at different times.
///
/// Rows stand in pages; a picture is the list of pages, and a page that is in a picture is copied
/// before it is written to. So a picture costs a reference for 256 rows, and a change after it one
/// page, instead of a copy of everything for each reader, which at a million rows would stop the
/// matching thread for tens of milliseconds.
///
/// **Threading.** One thread at a time; pictures are immutable and for any.
final class RowPages<T> {
  private static final int ROWS = 256;

  private final ArrayList<Object[]> pages = new ArrayList<>();
  private final ArrayList<Boolean> shared = new ArrayList<>();
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private int slots;

  /// All rows as they were at one time.
  static final class Picture<T> {
    private final List<Object[]> pages;

    private Picture(List<Object[]> pages) {
      this.pages = pages;
    }

    /// Hands out rows, page by page.
    ///
    /// @return false where there is no such page
    boolean page(int number, Consumer<T> out) {
      if (number >= pages.size()) {
        return false;
      }
      for (Object row : pages.get(number)) {
        if (row != null) {
          @SuppressWarnings("unchecked") // only put() writes
          T typed = (T) row;
          out.accept(typed);
        }
      }
      return true;
    }
  }

  /// Adds a row.
  ///
  /// @return its slot, its own until it is removed
  int add(T row) {
    int slot = free.isEmpty() ? slots++ : free.removeLast();
    put(slot, row);
    return slot;
  }

  /// Replaces the row in this slot.
  void put(int slot, T row) {
    pageToWrite(slot / ROWS)[slot % ROWS] = row;
  }

  void remove(int slot) {
    put(slot, null);
    free.addLast(slot);
  }

  T at(int slot) {
    @SuppressWarnings("unchecked") // only put() writes
    T row = (T) pages.get(slot / ROWS)[slot % ROWS];
    return row;
  }

  private Object[] pageToWrite(int number) {
    if (number == pages.size()) {
      pages.add(new Object[ROWS]);
      shared.add(false);
    } else if (shared.get(number)) {
      pages.set(number, pages.get(number).clone());
      shared.set(number, false);
    }
    return pages.get(number);
  }

  /// All rows as they are now.
  Picture<T> picture() {
    shared.replaceAll(_ -> true);
    return new Picture<>(List.copyOf(pages));
  }
}
