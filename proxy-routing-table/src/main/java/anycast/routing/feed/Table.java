package anycast.routing.feed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The tables of state: names, key columns and the one SELECT by which each is followed.
///
/// The text of [#select] never varies between processes: an agent shares one matcher among all
/// subscriptions whose SQL is equal byte by byte.
public enum Table {
  APPS("apps", 1, text("name"), integer("gen")),
  SERVICES(
      "services",
      2,
      text("app"),
      text("id"),
      text("ports", "[]"),
      integer("internal_port"),
      text("protocol", "http1"),
      integer("force_https"),
      integer("soft"),
      integer("hard"),
      integer("gen"),
      text("policy", "{}")),
  INSTANCES(
      "instances",
      2,
      text("node"),
      text("id"),
      text("app"),
      text("region"),
      text("address"),
      integer("port"),
      text("state", "created"),
      text("labels", "{}"),
      integer("gen"),
      integer("updated_ms")),
  NODES("nodes", 1, text("id"), text("region"), text("role"), text("backhaul"), integer("gen")),
  HOSTNAMES("hostnames", 1, text("name"), text("app"), integer("gen")),
  CERTIFICATES("certificates", 1, text("name"), text("chain"), text("key"), integer("gen")),
  VIRTUAL_SERVICES("virtual_services", 1, text("name"), text("document"), integer("gen")),
  /// App to regions: the map of the global tier, where instances are known regionally only.
  APP_REGIONS(
      "app_regions",
      2,
      text("app"),
      text("node"),
      text("region"),
      integer("instances"),
      integer("gen")),
  /// What the workers found when they checked their instances; each row's only writer is the worker
  /// of its node.
  INSTANCE_HEALTH(
      "instance_health",
      2,
      text("node"),
      text("id"),
      text("status", "passing"),
      text("detail"),
      integer("gen")),
  /// Instances that the operator took out of routing.
  CORDONS("cordons", 2, text("node"), text("id"), text("reason"), integer("gen")),
  /// What each node keeps out of force, and why; each row's only writer is that node. Followed, but
  /// never part of a routing snapshot.
  REJECTS(
      "rejects",
      2,
      text("node"),
      text("hash"),
      text("entry_table"),
      text("entry_key"),
      text("stage"),
      text("reason"),
      integer("at_ms"),
      integer("gen")),
  /// Signs of life of each node, with the age of what it knows; followed, but never part of a
  /// routing snapshot.
  BEATS("beats", 1, text("node"), integer("seq"), integer("at_ms"), integer("age_ms"));

  /// One column of a table.
  ///
  /// @param initial text that a TEXT column holds where a writer names none; empty for INTEGER,
  ///   whose initial value is 0
  public record Column(String name, boolean isText, String initial) {
    /// The name as SQL wants it; `key` is a keyword.
    public String sql() {
      return name.equals("key") ? "\"key\"" : name;
    }
  }

  private final String label;
  private final int keyColumns;
  private final List<Column> columns;

  Table(String label, int keyColumns, Column... columns) {
    this.label = label;
    this.keyColumns = keyColumns;
    this.columns = List.of(columns);
  }

  /// Whether its rows are part of a routing snapshot. Nobody is served by the others, so losing
  /// them harms nobody.
  public boolean isRouted() {
    return this != BEATS && this != REJECTS;
  }

  /// The table's name in SQL.
  public String label() {
    return label;
  }

  /// All columns in the order of [#select].
  public List<Column> columns() {
    return columns;
  }

  /// The primary key: the first columns.
  public List<Column> key() {
    return columns.subList(0, keyColumns);
  }

  /// `SELECT a, b FROM t`: the canonical text.
  public String select() {
    return columns.stream().map(Column::sql).collect(Collectors.joining(", ", "SELECT ", " FROM "))
        + label;
  }

  /// Cells of a row as all columns have them: one that was written by a program which knew no
  /// policies of services, as buckets and exports keep it, gets the initial one.
  public List<Object> whole(List<Object> cells) {
    if (this != SERVICES || cells.size() != columns.size() - 1) {
      return cells;
    }
    List<Object> more = new ArrayList<>(cells);
    more.add(columns.getLast().initial());
    return more;
  }

  public static Optional<Table> of(String label) {
    return Arrays.stream(values()).filter(t -> t.label.equals(label)).findFirst();
  }

  private static Column text(String name) {
    return text(name, "");
  }

  private static Column text(String name, String initial) {
    return new Column(name, true, initial);
  }

  private static Column integer(String name) {
    return new Column(name, false, "");
  }
}
