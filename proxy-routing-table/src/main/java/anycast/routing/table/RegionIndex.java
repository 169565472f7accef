package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.NodeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What the nodes say about where an app runs: app → rows by node.
///
/// **Threading.** Immutable.
final class RegionIndex {
  static final RegionIndex EMPTY = new RegionIndex(Named.map(), 0);

  /// Lists are by node and never empty.
  final ShardMap<Named<List<AppRegion>>> apps;

  private final int size;

  private RegionIndex(ShardMap<Named<List<AppRegion>>> apps, int size) {
    this.apps = apps;
    this.size = size;
  }

  /// Rows, not apps.
  int size() {
    return size;
  }

  List<AppRegion> rows(AppId app) {
    Named<List<AppRegion>> entry = apps.find(app.name(), 0);
    return entry == null ? List.of() : entry.value;
  }

  AppRegion find(AppId app, NodeId node) {
    List<AppRegion> rows = rows(app);
    int low = 0;
    int high = rows.size() - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      int order = rows.get(middle).node().value().compareTo(node.value());
      if (order == 0) {
        return rows.get(middle);
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return null;
  }

  void each(Consumer<? super AppRegion> each) {
    apps.each(entry -> entry.value.forEach(each));
  }

  Edit edit() {
    return new Edit(this);
  }

  /// Sorts the rows of an app into a tree while they change, so that a bulk load does not copy a
  /// list for each row.
  ///
  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final RegionIndex base;
    private final Map<AppId, TreeMap<String, AppRegion>> touched = new HashMap<>();
    private int size;

    private Edit(RegionIndex base) {
      this.base = base;
      this.size = base.size;
    }

    /// @return whether it differs from what was known
    boolean put(AppRegion row) {
      AppRegion before = touched(row.app()).put(row.node().value(), row);
      size += before == null ? 1 : 0;
      return !row.equals(before);
    }

    /// @return whether it was known
    boolean remove(AppId app, NodeId node) {
      AppRegion before = touched(app).remove(node.value());
      size -= before == null ? 0 : 1;
      return before != null;
    }

    RegionIndex freeze() {
      ShardMap.Edit<Named<List<AppRegion>>> apps = base.apps.edit();
      touched.forEach((app, rows) -> {
        if (!rows.isEmpty()) {
          apps.put(new Named<>(app.name(), List.copyOf(rows.values())));
        } else if (apps.find(app.name()) != null) {
          apps.remove(apps.find(app.name()));
        }
      });
      ShardMap<Named<List<AppRegion>>> next = apps.freeze();
      return next == base.apps ? base : new RegionIndex(next, size);
    }

    private TreeMap<String, AppRegion> touched(AppId app) {
      return touched.computeIfAbsent(
          app,
          missing -> {
            TreeMap<String, AppRegion> rows = new TreeMap<>();
            base.rows(app).forEach(row -> rows.put(row.node().value(), row));
            return rows;
          });
    }
  }
}
