package anycast.routing.sim;

import anycast.routing.feed.Table;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The tables as they stand in one store: rows by rowid, and the rowid of each key. Like SQLite's,
/// a new rowid is one more than the highest in use, so that those of deleted rows come again.
final class Stored {
  /// A write of one row.
  ///
  /// @param cells the whole row; null = it goes
  /// @param stamp grows with each write in a world; the later one of a key wins among replicas
  record Write(Table table, List<Object> key, List<Object> cells, long stamp) {
    static Write put(Table table, List<Object> cells, long stamp) {
      return new Write(table, List.copyOf(cells.subList(0, table.key().size())), cells, stamp);
    }

    static Write delete(Table table, List<Object> key, long stamp) {
      return new Write(table, key, null, stamp);
    }
  }

  private static final class Rows {
    final TreeMap<Long, List<Object>> byRowid = new TreeMap<>();
    final Map<List<Object>, Long> rowids = new HashMap<>();
    final Map<List<Object>, Long> stamps = new HashMap<>();

    Rows copy() {
      Rows copy = new Rows();
      copy.byRowid.putAll(byRowid);
      copy.rowids.putAll(rowids);
      copy.stamps.putAll(stamps);
      return copy;
    }
  }

  private final Map<Table, Rows> tables = new EnumMap<>(Table.class);

  Stored copy() {
    Stored copy = new Stored();
    tables.forEach((table, rows) -> copy.tables.put(table, rows.copy()));
    return copy;
  }

  /// @return the rowid that was touched, or -1 where a later write of the key is here already
  long take(Write write) {
    Rows rows = rows(write.table());
    Long known = rows.stamps.get(write.key());
    if (known != null && known >= write.stamp()) {
      return -1;
    }
    rows.stamps.put(write.key(), write.stamp());
    Long rowid = rows.rowids.get(write.key());
    if (write.cells() == null) {
      if (rowid == null) {
        return -1;
      }
      rows.rowids.remove(write.key());
      rows.byRowid.remove(rowid);
      return rowid;
    }
    if (rowid == null) {
      rowid = rows.byRowid.isEmpty() ? 1 : rows.byRowid.lastKey() + 1;
      rows.rowids.put(write.key(), rowid);
    }
    rows.byRowid.put(rowid, write.cells());
    return rowid;
  }

  /// What another store has and this one has not, deletes included.
  List<Write> missingFrom(Stored other) {
    List<Write> missing = new ArrayList<>();
    for (Table table : Table.values()) {
      Rows mine = rows(table);
      Rows theirs = other.rows(table);
      // In the order of stamps: which rowids they get must not depend on hash codes.
      theirs.stamps.entrySet().stream()
          .filter(known -> mine.stamps.getOrDefault(known.getKey(), 0L) < known.getValue())
          .sorted(Map.Entry.comparingByValue())
          .forEach(known ->
              missing.add(
                  new Write(
                      table, known.getKey(), other.find(table, known.getKey()), known.getValue())));
    }
    return missing;
  }

  /// @return null where there is none
  List<Object> row(Table table, long rowid) {
    return rows(table).byRowid.get(rowid);
  }

  /// @return null where there is none
  List<Object> find(Table table, List<Object> key) {
    Long rowid = rows(table).rowids.get(key);
    return rowid == null ? null : rows(table).byRowid.get(rowid);
  }

  Map<Long, List<Object>> all(Table table) {
    return rows(table).byRowid;
  }

  List<List<Object>> keys(Table table) {
    List<List<Object>> keys = new ArrayList<>();
    for (List<Object> cells : rows(table).byRowid.values()) {
      keys.add(cells.subList(0, table.key().size()));
    }
    return keys;
  }

  private Rows rows(Table table) {
    return tables.computeIfAbsent(table, _ -> new Rows());
  }
}
