package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Rowids that commits touched and nobody has looked at yet.
///
/// **Threading.** Any: a lock, held for a set union or less. **Limits.** At most the rowids there
/// are.
final class TouchedRows {
  /// From so many on they are looked at without gathering longer, as an agent does.
  static final int MANY = 1_000;

  private final Runnable onFirst;
  private final Runnable onMany;
  private final ReentrantLock guard = new ReentrantLock();
  private Map<Table, Set<Long>> rowids = new EnumMap<>(Table.class);
  private int count;

  /// @param onFirst runs when there are some after there were none
  /// @param onMany runs when there are many after there were few
  TouchedRows(Runnable onFirst, Runnable onMany) {
    this.onFirst = onFirst;
    this.onMany = onMany;
  }

  /// Adds what a commit touched.
  void add(Map<Table, Set<Long>> more) {
    int before;
    int after;
    guard.lock();
    try {
      before = count;
      more.forEach((table, ids) -> {
        Set<Long> known = rowids.computeIfAbsent(table, _ -> new HashSet<>());
        int size = known.size();
        known.addAll(ids);
        count += known.size() - size;
      });
      after = count;
    } finally {
      guard.unlock();
    }
    if (before == 0 && after > 0) {
      onFirst.run();
    }
    if (before < MANY && after >= MANY) {
      onMany.run();
    }
  }

  boolean isMany() {
    guard.lock();
    try {
      return count >= MANY;
    } finally {
      guard.unlock();
    }
  }

  /// All of them; there are none afterwards.
  Map<Table, Set<Long>> take() {
    guard.lock();
    try {
      Map<Table, Set<Long>> taken = rowids;
      rowids = new EnumMap<>(Table.class);
      count = 0;
      return taken;
    } finally {
      guard.unlock();
    }
  }
}
