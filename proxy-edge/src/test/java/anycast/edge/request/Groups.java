package anycast.edge.request;

import anycast.backhaul.head.RequestHead;
import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import anycast.routing.pick.Picker;
import anycast.routing.pick.ServiceStats;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.TargetGroup;
import anycast.routing.virtual.CompiledRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Target groups without a table: each with the instances that a test names.
final class Groups {
  static final RoutingSnapshot NO_WORLD = new Scene().snapshot();

  private final List<TargetGroup> groups = new ArrayList<>();
  private final ServicePolicy policy;

  Groups() {
    this(ServicePolicy.USUAL);
  }

  Groups(ServicePolicy policy) {
    this.policy = policy;
  }

  /// One more group; its slot is its number.
  Groups group(String... instances) {
    List<Candidate> candidates = Arrays.stream(instances).map(this::candidate).toList();
    groups.add(
        new TargetGroup(
            LabelSelector.ALL, 0, Picker.of(Scene.SELF, policy, candidates), new ServiceStats()));
    return this;
  }

  TargetGroup at(int slot) {
    return groups.get(slot);
  }

  private Candidate candidate(String id) {
    Node node = new Node(new NodeId("wrk-" + id), Scene.FRA, Node.Role.WORKER, "127.0.0.1:7000", 1);
    AppId app = new AppId("shop");
    Instance instance =
        new Instance(
            new InstanceId(id),
            app,
            node.id(),
            new RegionCode("fra"),
            "127.0.0.1",
            9101,
            Instance.State.STARTED,
            Map.of(),
            1);
    Service service =
        new Service(
            app, "web", List.of(80, 443), 8080, Service.AppProtocol.HTTP1, false, 0, 0, 1, policy);
    return new Candidate(instance, service, node, new Load());
  }

  /// A rule whose targets have these weights, in slots from 0 on, and whose fallbacks follow them.
  static CompiledRule rule(int fallbacks, int... weights) {
    List<Target> to =
        Arrays.stream(weights)
            .mapToObj(weight -> new Target(LabelSelector.ALL, 0, weight))
            .toList();
    List<Target> fallback =
        IntStream.range(0, fallbacks).mapToObj(_ -> new Target(LabelSelector.ALL, 0, 100)).toList();
    Action.Forward forward =
        new Action.Forward(
            to, fallback, null, HeaderEdits.NONE, HeaderEdits.NONE, Terms.OF_SERVICE, null);
    return new CompiledRule(
        "shop",
        new Rule("all", Match.ALL, forward),
        IntStream.range(0, weights.length).toArray(),
        IntStream.range(weights.length, weights.length + fallbacks).toArray(),
        -1);
  }

  static Asked asked(RequestHead head) {
    Visitor visitor = Scene.tls("a.test");
    return new Asked(
        visitor,
        Scene.arrival(visitor),
        head,
        Authority.parse(head.authority()),
        Wishes.of(head.fields()));
  }
}
