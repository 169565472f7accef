package anycast.load.routing;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// 10,000 apps with ten instances each, all under selectors: a virtual service for each app with a
/// target for each tier, one for each of 100 zones across all apps, and one for the two halves of
/// the fleet.
final class LabelledWorld {
  static final int APPS = 10_000;
  static final int INSTANCES = 100_000;
  static final int ZONES = 100;
  private static final int NODES = 200;
  private static final int ROWS_A_DELTA = 10_000;

  private LabelledWorld() {}

  static SnapshotBuilder builder() {
    return new SnapshotBuilder(new Locality(new NodeId("edge-fra-1"), new RegionCode("fra")));
  }

  static RoutingSnapshot snapshot(SnapshotBuilder builder) {
    RoutingSnapshot snapshot = builder.empty();
    snapshot = load(builder, snapshot, NODES, LabelledWorld::node);
    snapshot = load(builder, snapshot, APPS, LabelledWorld::service);
    snapshot = load(builder, snapshot, APPS, LabelledWorld::tiers);
    snapshot = load(builder, snapshot, ZONES, LabelledWorld::zone);
    snapshot = load(builder, snapshot, 2, LabelledWorld::half);
    return load(builder, snapshot, INSTANCES, i -> instance(i, "build", "build-0", 1));
  }

  private static RoutingSnapshot load(
      SnapshotBuilder builder, RoutingSnapshot base, int rows, IntFunction<Entity> row) {
    RoutingSnapshot snapshot = base;
    for (int from = 0; from < rows; from += ROWS_A_DELTA) {
      List<Change> changes = new ArrayList<>(ROWS_A_DELTA);
      for (int i = from; i < Math.min(rows, from + ROWS_A_DELTA); i++) {
        changes.add(new Change.Put(row.apply(i)));
      }
      snapshot = builder.apply(snapshot, new Delta(changes));
    }
    return snapshot;
  }

  private static Node node(int i) {
    String region = i % 4 == 0 ? "fra" : "iad";
    return new Node(
        new NodeId("wrk-" + i), new RegionCode(region), Node.Role.WORKER, "10.0.0.1:" + i, 1);
  }

  private static Service service(int i) {
    return new Service(
        app(i), "web", List.of(80, 443), 8080, Service.AppProtocol.HTTP1, true, 50, 100, 1);
  }

  private static AppId app(int i) {
    return new AppId("app-" + i);
  }

  private static VirtualService tiers(int i) {
    return virtual(
        "tiers-" + i,
        "app-" + i + ".apps.example.com",
        "app=app-" + i + ",tier=gold",
        "app=app-" + i + ",tier=silver");
  }

  private static VirtualService zone(int i) {
    return virtual("zone-" + i, "zone-" + i + ".example.com", "zone=zone-" + i);
  }

  private static VirtualService half(int i) {
    return virtual("half-" + i, "half-" + i + ".example.com", "half=half-" + i + "");
  }

  private static VirtualService virtual(String name, String host, String... selectors) {
    List<Rule> rules = new ArrayList<>();
    for (String selector : selectors) {
      rules.add(new Rule("rule-" + rules.size(), Match.ALL, SomeRules.forward(selector)));
    }
    return new VirtualService(name, "", 1, new RuleSet(List.of(host), rules));
  }

  static boolean isGold(int i) {
    return i / APPS % 2 == 0;
  }

  /// @param label one that differs from what the instance began with
  static Instance instance(int i, String label, String value, long generation) {
    Map<String, String> labels = new HashMap<>();
    labels.put("tier", isGold(i) ? "gold" : "silver");
    labels.put("zone", "zone-" + i % ZONES);
    labels.put("half", "half-" + i % 2);
    labels.put(label, value);
    return new Instance(
        new InstanceId("instance-" + i),
        app(i % APPS),
        new NodeId("wrk-" + (i * 7 + i / APPS) % NODES),
        new RegionCode("fra"),
        "127.0.0.1",
        8080,
        Instance.State.STARTED,
        labels,
        generation);
  }
}
