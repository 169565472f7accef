package anycast.routing.feed.nats;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Table;
import anycast.routing.model.RegionCode;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Which rows a source tells of: those of some regions, in tables that name a region.
///
/// A bucket cannot be asked for a region, so all rows travel. A row that cannot be read passes: it
/// is named as skipped by who decodes it.
final class RowFilter {
  private final int column;
  private final Set<String> regions;

  RowFilter(Table table, Set<RegionCode> regions) {
    this.regions = regions.stream().map(RegionCode::code).collect(Collectors.toSet());
    this.column =
        regions.isEmpty()
            ? -1
            : table.columns().stream().map(Table.Column::name).toList().indexOf("region");
  }

  boolean admits(Cells cells) {
    return column < 0
        || !(cells instanceof Cells.Values(List<Object> values))
        || values.size() <= column
        || !(values.get(column) instanceof String region)
        || regions.contains(region);
  }
}
