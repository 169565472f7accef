package anycast.drill;

import anycast.routing.feed.corrosion.Statement;
import java.util.List;
import java.util.stream.IntStream;

/// Rows of a worker whose thousand instances nobody sends anything to.
final class IdleWorker {
  static final int INSTANCES = 1_000;

  private IdleWorker() {}

  /// The node, and the app of its instances.
  static List<Statement> node() {
    return List.of(
        Statement.of("INSERT OR REPLACE INTO apps (name, gen) VALUES ('bulk', 1)"),
        Statement.of(
            "INSERT OR REPLACE INTO nodes (id, region, role, backhaul, gen)"
                + " VALUES ('wrk-drill-1', 'fra', 'worker', '127.0.0.1:9', 1)"));
  }

  static List<Statement> instances() {
    return IntStream.range(0, INSTANCES)
        .mapToObj(i ->
            Statement.of(
                "INSERT OR REPLACE INTO instances"
                    + " (node, id, app, region, address, port, state, gen)"
                    + " VALUES ('wrk-drill-1', ?, 'bulk', 'fra', '127.0.0.1', 9, 'started', 1)",
                "bulk-" + i))
        .toList();
  }

  static Statement withoutInstances() {
    return Statement.of("DELETE FROM instances WHERE node = 'wrk-drill-1'");
  }
}
