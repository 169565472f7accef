package anycast.routing.pick;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.ServicePolicy.Outlier;
import anycast.routing.model.ServicePolicy.Spill;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A service, its candidates and a clock that tests turn by hand.
final class Stage {
  static final Locality SELF = new Locality(new NodeId("edge-fra"), new RegionCode("fra"));
  static final long SECOND = 1_000_000_000L;
  static final long MILLI = 1_000_000L;

  final Service service;
  final List<Candidate> candidates = new ArrayList<>();
  private final Map<String, NodePath> paths = new HashMap<>();
  private long random = 1;
  boolean probes = true;
  long now = 100 * SECOND;

  Stage(int soft, int hard, ServicePolicy policy) {
    service =
        new Service(
            new AppId("shop"),
            "web",
            List.of(443),
            8080,
            Service.AppProtocol.HTTP1,
            true,
            soft,
            hard,
            1,
            policy);
  }

  Stage() {
    this(0, 0, ServicePolicy.USUAL);
  }

  static ServicePolicy policy(Spill spill, long slowStartNanos, int subset, Outlier outlier) {
    ServicePolicy usual = ServicePolicy.USUAL;
    return new ServicePolicy(
        usual.concurrency(),
        spill,
        new ServicePolicy.Balance(slowStartNanos, subset, ServicePolicy.Affinity.NONE, outlier),
        usual.queue(),
        usual.retry(),
        usual.hedge(),
        usual.timeouts(),
        List.of());
  }

  static ServicePolicy outlier(int faults, int maxPercent, int panicPercent) {
    return policy(Spill.SOFT, 0, 0, new Outlier(faults, 10 * SECOND, maxPercent, panicPercent));
  }

  NodePath path(String node) {
    return paths.computeIfAbsent(node, _ -> new NodePath());
  }

  Candidate add(String id, String node, String region) {
    return add(made(id, node, region, Map.of(), Standing.READY));
  }

  Candidate add(Candidate candidate) {
    candidates.add(candidate);
    return candidate;
  }

  Candidate weighing(String id, String node, int weight) {
    return add(
        made(id, node, "fra", Map.of("route.weight", Integer.toString(weight)), Standing.READY));
  }

  Candidate made(
      String id, String node, String region, Map<String, String> labels, Standing standing) {
    Instance instance =
        new Instance(
            new InstanceId(id),
            service.app(),
            new NodeId(node),
            new RegionCode(region),
            "127.0.0.1",
            0,
            Instance.State.STARTED,
            labels,
            1);
    Node host =
        new Node(new NodeId(node), new RegionCode(region), Node.Role.WORKER, node + ":7443", 1);
    return new Candidate(instance, service, host, new Load(), path(node), standing);
  }

  Candidate standing(Candidate candidate, Standing standing) {
    return new Candidate(
        candidate.instance(),
        service,
        candidate.node(),
        candidate.load(),
        candidate.path(),
        standing);
  }

  Picker picker() {
    return Picker.of(SELF, service, candidates);
  }

  PickRequest request(int attempts, Wish wish, long affinity) {
    return new PickRequest(attempts, wish, affinity, now, random++ * 0x9e3779b97f4a7c15L, probes);
  }

  List<Candidate> plan(Picker picker, int attempts) {
    return ((PickResult.Picked) picker.pick(request(attempts, Wish.NONE, 0))).candidates();
  }

  Candidate first(Picker picker) {
    return plan(picker, 1).getFirst();
  }

  /// How often each is first, by id.
  Map<String, Integer> firsts(Picker picker, int picks) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < picks; i++) {
      counts.merge(first(picker).instance().id().value(), 1, Integer::sum);
    }
    return counts;
  }

  void fail(Candidate candidate, int times) {
    for (int i = 0; i < times; i++) {
      candidate.load().observe(Load.Outcome.FAILED, MILLI, now);
    }
  }

  void answer(Candidate candidate, long nanos) {
    candidate.load().observe(Load.Outcome.ANSWERED, nanos, now);
  }

  void begin(Candidate candidate, int exchanges) {
    for (int i = 0; i < exchanges; i++) {
      candidate.load().begin();
    }
  }
}
