package anycast.routing.feed.corrosion;

import anycast.routing.feed.RejectRow;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.util.ArrayList;
import java.util.List;

/// The statements by which a node says what it owns. Each is harmless to repeat, and changes
/// nothing where the row says the same already, so that nobody is told of a change that is none.
///
/// **Threading.** Pure.
final class PublishedRows {
  /// What travels in one piece between agents has some 8 KiB; a big transaction is what gets stuck.
  static final int MAX_STATEMENTS = 200;

  private PublishedRows() {}

  /// The node and its instances, and no others of this node.
  static List<Statement> of(Node node, List<Instance> instances, long nowMillis) {
    List<Statement> rows = new ArrayList<>();
    rows.add(of(node, nowMillis));
    List<Object> params = new ArrayList<>(List.of(node.id().value()));
    for (Instance instance : instances) {
      rows.add(upsert(instance, nowMillis, List.of("app", "region", "address", "port", "labels")));
      params.add(instance.id().value());
    }
    String others = "DELETE FROM instances WHERE node = ?" + noneOf("id", instances.size());
    rows.add(new Statement(others, params));
    return rows;
  }

  /// What this node's checks found, and nothing else of this node.
  static List<Statement> of(NodeId node, List<InstanceHealth> found) {
    List<Statement> rows = new ArrayList<>();
    List<Object> params = new ArrayList<>(List.of(node.value()));
    for (InstanceHealth one : found) {
      rows.add(upsert(one, one.generation(), List.of("status", "detail")));
      params.add(one.instance().value());
    }
    String others = "DELETE FROM instance_health WHERE node = ?" + noneOf("id", found.size());
    rows.add(new Statement(others, params));
    return rows;
  }

  /// What this node keeps out, and nothing else of this node.
  static List<Statement> rejects(NodeId node, List<RejectRow> kept) {
    List<Statement> rows = new ArrayList<>();
    List<Object> params = new ArrayList<>(List.of(node.value()));
    for (RejectRow one : kept) {
      rows.add(upsert(Table.REJECTS, RowCodec.encode(one), RejectRow.OWNED));
      params.add(one.hash());
    }
    String others = "DELETE FROM rejects WHERE node = ?" + noneOf("hash", kept.size());
    rows.add(new Statement(others, params));
    return rows;
  }

  /// The node alone.
  static Statement of(Node node, long nowMillis) {
    return upsert(node, nowMillis, List.of("region", "role", "backhaul"));
  }

  /// How many instances of each app this node runs, and none of any other app.
  static List<Statement> of(NodeId node, List<AppRegion> counts, long nowMillis) {
    List<Statement> rows = new ArrayList<>();
    List<Object> params = new ArrayList<>(List.of(nowMillis, node.value()));
    for (AppRegion count : counts) {
      rows.add(upsert(count, nowMillis, List.of("region", "instances")));
      params.add(count.app().name());
    }
    String others =
        "UPDATE app_regions SET instances = 0, gen = ? WHERE node = ? AND instances <> 0";
    rows.add(new Statement(others + noneOf("app", counts.size()), params));
    return rows;
  }

  /// A list and not a chain of ANDs, which the database limits to 1,000.
  private static String noneOf(String column, int count) {
    return count == 0 ? "" : " AND " + column + " NOT IN (?" + ", ?".repeat(count - 1) + ")";
  }

  static Statement beat(NodeId node, long seq, long nowMillis, long ageMillis) {
    return Statement.put(Table.BEATS, List.of(node.value(), seq, nowMillis, ageMillis));
  }

  /// Cuts them into transactions, in order.
  static List<List<Statement>> transactions(List<Statement> statements) {
    List<List<Statement>> cut = new ArrayList<>();
    for (int from = 0; from < statements.size(); from += MAX_STATEMENTS) {
      int until = Math.min(from + MAX_STATEMENTS, statements.size());
      cut.add(statements.subList(from, until));
    }
    return cut;
  }

  /// Inserts the row, or brings these columns up to date where one differs.
  private static Statement upsert(Entity entity, long nowMillis, List<String> owned) {
    return upsert(RowCodec.table(entity.key()), RowCodec.encode(entity, nowMillis), owned);
  }

  private static Statement upsert(Table table, List<Object> cells, List<String> owned) {
    Statement whole = Statement.put(table, cells);
    String insert = whole.sql().substring(0, whole.sql().indexOf(" DO UPDATE SET "));
    StringBuilder sets = new StringBuilder();
    StringBuilder differs = new StringBuilder();
    for (String column : owned) {
      sets.append(column).append(" = excluded.").append(column).append(", ");
      differs.append(differs.isEmpty() ? "" : " OR ");
      differs.append(table.label()).append('.').append(column);
      differs.append(" <> excluded.").append(column);
    }
    for (Table.Column column : table.columns()) {
      if (column.name().equals("gen") || column.name().equals("updated_ms")) {
        sets.append(column.name()).append(" = excluded.").append(column.name()).append(", ");
      }
    }
    sets.setLength(sets.length() - 2);
    return new Statement(insert + " DO UPDATE SET " + sets + " WHERE " + differs, whole.params());
  }
}
