package anycast.routing.sim;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Decoded;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a store says, read without any stream: the model that the table is compared with.
///
/// @param entities of the rows that can be read
/// @param garbled keys, as cells, of the rows that cannot
record Truth(Map<Entity.Key, Entity> entities, Set<List<Object>> garbled) {
  static Truth of(Stored stored, List<Table> tables) {
    Map<Entity.Key, Entity> entities = new HashMap<>();
    Set<List<Object>> garbled = new HashSet<>();
    for (Table table : tables) {
      for (List<Object> row : stored.all(table).values()) {
        Entity entity = entity(table, row);
        if (entity != null) {
          entities.put(entity.key(), entity);
        } else if (table != Table.BEATS) {
          garbled.add(List.copyOf(row.subList(0, table.key().size())));
        }
      }
    }
    return new Truth(entities, garbled);
  }

  /// @return null where the row cannot be read, or is none of the snapshot's
  static Entity entity(Table table, List<Object> row) {
    return RowCodec.decode(table, new Cells.Values(row)) instanceof Decoded.Routed(Entity entity)
        ? entity
        : null;
  }
}
