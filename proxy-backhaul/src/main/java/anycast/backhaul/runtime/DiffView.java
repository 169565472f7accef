package anycast.backhaul.runtime;

import anycast.routing.model.Entity;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotDiff;
import anycast.routing.table.SnapshotDiff.Difference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What `/diff` answers: rows that differ between two versions.
///
/// @param a version that is compared
/// @param b version that it is compared with
/// @param tables how many rows differ, of each table where some do
/// @param total rows that differ, also those that were cut off
public record DiffView(long a, long b, List<Count> tables, int total, boolean cut, List<Row> rows) {
  /// @param came rows that are in `b` only
  /// @param went rows that are in `a` only
  public record Count(String table, int came, int went, int changed) {
    private Count and(Difference one) {
      boolean comes = one.before() == null;
      boolean goes = one.after() == null;
      return new Count(
          table, came + (comes ? 1 : 0), went + (goes ? 1 : 0), changed + (comes || goes ? 0 : 1));
    }
  }

  /// @param before cells by column; null where the row is in `b` only
  /// @param after cells by column; null where the row is in `a` only
  public record Row(
      String table, String key, Map<String, Object> before, Map<String, Object> after) {
    private static Row of(Difference one) {
      Entity row = present(one);
      return new Row(
          RowView.table(row), RowView.key(row), RowView.of(one.before()), RowView.of(one.after()));
    }
  }

  static DiffView of(RoutingSnapshot a, RoutingSnapshot b, int limit) {
    Map<String, Count> tables = new TreeMap<>();
    List<Difference> shown = new ArrayList<>();
    int[] total = {0};
    SnapshotDiff.each(
        a,
        b,
        one -> {
          String table = RowView.table(present(one));
          tables.put(table, tables.getOrDefault(table, new Count(table, 0, 0, 0)).and(one));
          total[0]++;
          if (shown.size() < limit) {
            shown.add(one);
          }
        });
    List<Row> rows =
        shown.stream()
            .map(Row::of)
            .sorted(Comparator.comparing(Row::table).thenComparing(Row::key))
            .toList();
    return new DiffView(
        a.version(),
        b.version(),
        List.copyOf(tables.values()),
        total[0],
        total[0] > shown.size(),
        rows);
  }

  private static Entity present(Difference one) {
    return one.after() == null ? one.before() : one.after();
  }
}
