package anycast.routing.admission;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import java.util.List;
import java.util.Map;

/// Who appears in the tests of the ledger.
final class Cast {
  private Cast() {}

  /// Virtual service `name` in its `version`-th form.
  static VirtualService rules(String name, int version) {
    return new VirtualService(
        name, "# " + version, version, new RuleSet(List.of(name + ".test"), List.of()));
  }

  static LastEnd.Blamed blamed(Entity entity, boolean proven) {
    return blamed(entity, Stage.RULE, proven ? LastEnd.Evidence.STUCK : LastEnd.Evidence.NEAR);
  }

  static LastEnd.Blamed blamed(Entity entity, Stage stage, LastEnd.Evidence evidence) {
    return new LastEnd.Blamed(
        ContentHash.of(entity), "", stage, "loop-3", "at Rule.evaluate", evidence);
  }

  static LastEnd.Blamed blamed(String host, LastEnd.Evidence evidence) {
    return new LastEnd.Blamed(ContentHash.NONE, host, Stage.ROUTE, "loop-1", "stack", evidence);
  }

  static Instance instance(String id, String address, Map<String, String> labels) {
    return new Instance(
        new InstanceId(id),
        new AppId("app"),
        new NodeId("wrk-1"),
        new RegionCode("fra"),
        address,
        80,
        Instance.State.STARTED,
        labels,
        1);
  }
}
