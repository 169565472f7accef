package anycast.load.balance;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import anycast.routing.pick.Locality;
import anycast.routing.pick.NodePath;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Picker;
import anycast.routing.pick.Standing;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The real picker, one for each edge, told what the engine and the links would tell it.
final class PickerWay implements Way {
  private static final AppId APP = new AppId("app");

  private final Picker[] pickers;
  private final Candidate[][] candidates;
  private final NodePath[][] paths;
  private final Service service;
  private final Node[] nodes;
  private final Instance[] started;
  private final Instance[] stopped;

  PickerWay(Globe globe, int edges, int instances, int nodeCount, ServicePolicy policy) {
    service =
        new Service(
            APP,
            "web",
            List.of(443),
            8080,
            Service.AppProtocol.HTTP1,
            true,
            Server.SOFT_LIMIT,
            Server.HARD_LIMIT,
            1,
            policy);
    nodes = new Node[nodeCount];
    Arrays.setAll(
        nodes,
        i -> new Node(new NodeId("node-" + i), region(i), Node.Role.WORKER, "10.0.0.1:" + i, 1));
    started = new Instance[instances];
    stopped = new Instance[instances];
    Arrays.setAll(started, i -> row(i, Instance.State.STARTED));
    Arrays.setAll(stopped, i -> row(i, Instance.State.STOPPED));
    pickers = new Picker[edges];
    candidates = new Candidate[edges][instances];
    paths = new NodePath[edges][nodeCount];
    for (int edge = 0; edge < edges; edge++) {
      int from = edge;
      Arrays.setAll(paths[edge], _ -> new NodePath());
      for (int node = 0; node < nodeCount; node++) {
        paths[edge][node].onRoundTrip(globe.roundTripNanos(edge, node));
      }
      Arrays.setAll(candidates[edge], i -> candidate(from, started[i], i, new Load()));
      Locality self = new Locality(new NodeId("edge-" + edge), region(edge));
      self.peers().onPeers(edge / Globe.REGIONS, Math.max(1, edges / Globe.REGIONS));
      pickers[edge] = Picker.of(self, service, List.of(candidates[edge]));
    }
  }

  private static RegionCode region(int number) {
    return new RegionCode("r" + Globe.region(number));
  }

  private Candidate candidate(int edge, Instance row, int instance, Load load) {
    int node = instance % nodes.length;
    return new Candidate(row, service, nodes[node], load, paths[edge][node], Standing.READY);
  }

  private Instance row(int instance, Instance.State state) {
    return new Instance(
        new InstanceId("i-" + instance),
        APP,
        nodes[instance % nodes.length].id(),
        region(instance),
        "127.0.0.1",
        8080,
        state,
        Map.of(),
        1);
  }

  @Override
  public Attempts begin(int edge, long nowNanos, long random) {
    PickResult result = pickers[edge].pick(PickRequest.of(attempts(), nowNanos, random));
    if (!(result instanceof PickResult.Picked(List<Candidate> plan))) {
      return () -> -1;
    }
    return new Attempts() {
      private int at;

      @Override
      public int next() {
        return at == plan.size()
            ? -1
            : Integer.parseInt(plan.get(at++).instance().id().value().substring(2));
      }
    };
  }

  @Override
  public void onBegin(int edge, int instance) {
    candidates[edge][instance].load().begin();
  }

  @Override
  public void onEnd(int edge, int instance, Told told, long nowNanos) {
    Candidate candidate = candidates[edge][instance];
    Load load = candidate.load();
    if (told.ending() == null) {
      candidate.path().onFault(nowNanos);
      load.observe(Load.Outcome.FAILED, -1, nowNanos);
    } else {
      candidate.path().onSuccess();
      load.onReport(told.inFlight(), 0, told.appNanos(), nowNanos);
      switch (told.ending()) {
        case ANSWERED -> load.observe(Load.Outcome.ANSWERED, told.latencyNanos(), nowNanos);
        case FAILED, LOST -> load.observe(Load.Outcome.FAILED, told.latencyNanos(), nowNanos);
        case REFUSED -> load.observe(Load.Outcome.REFUSED, -1, nowNanos);
      }
    }
    load.end();
  }

  @Override
  public void onReports(int edge, int[] inFlight, long[] appNanos, long nowNanos) {
    for (int i = 0; i < inFlight.length; i++) {
      candidates[edge][i].load().onReport(inFlight[i], 0, appNanos[i], nowNanos);
    }
  }

  @Override
  public void onState(int edge, int instance, boolean up) {
    Candidate before = candidates[edge][instance];
    Instance row = (up ? started : stopped)[instance];
    candidates[edge][instance] = candidate(edge, row, instance, before.load());
    pickers[edge] = pickers[edge].with(candidates[edge][instance]);
  }
}
