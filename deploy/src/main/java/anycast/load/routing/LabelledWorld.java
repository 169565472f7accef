package anycast.load.routing;

import static anycast.load.table.World.APPS;
import static anycast.load.table.World.INSTANCES;
import static anycast.load.table.World.NODES;
import static anycast.load.table.World.app;
import static anycast.load.table.World.load;

import anycast.load.table.World;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// 10,000 apps with ten instances each, all under selectors: a virtual service for each app with a
/// target for each tier, one for each of 100 zones across all apps, and one for the two halves of
/// the fleet.
final class LabelledWorld {
  static final int ZONES = 100;

  private LabelledWorld() {}

  static RoutingSnapshot snapshot(SnapshotBuilder builder) {
    RoutingSnapshot snapshot = builder.empty();
    snapshot = load(builder, snapshot, NODES, World::node);
    snapshot = load(builder, snapshot, APPS, World::service);
    snapshot = load(builder, snapshot, APPS, LabelledWorld::tiers);
    snapshot = load(builder, snapshot, ZONES, LabelledWorld::zone);
    snapshot = load(builder, snapshot, 2, LabelledWorld::half);
    return load(builder, snapshot, INSTANCES, i -> instance(i, "build", "build-0", 1));
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
