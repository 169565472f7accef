package anycast.backhaul.worker;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.link.LinkPlanner;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.model.Instance;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import anycast.routing.table.AppRoute;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.ServiceRoute;
import java.util.List;

/// The worker's planner: admits a request to one of its own instances, or refuses it before the app
/// saw a byte.
///
/// The edge's picture may be seconds old, so each refusal is one that the edge may take elsewhere.
/// The hard limit is not looked at here: planning is pure, and a place that was seen free is not
/// taken yet. [AppConnector#reserve] takes it.
///
/// **Threading.** Any event loop; reads one snapshot.
public final class Admission implements LinkPlanner {
  private final RoutingTable table;
  private final NodeId self;
  private final Plan.Timeouts timeouts;

  public Admission(RoutingTable table, NodeId self, Plan.Timeouts timeouts) {
    this.table = table;
    this.self = self;
    this.timeouts = timeouts;
  }

  @Override
  public Plan plan(BackhaulHead told, RequestHead head) {
    if (told.hopBudget() == 0) {
      return refuse(FaultKind.LOOP, "hop budget is used up");
    }
    RoutingSnapshot snapshot = table.current();
    Candidate candidate = snapshot.instance(told.instance());
    if (candidate == null || !candidate.instance().node().equals(self)) {
      return refuse(FaultKind.UNKNOWN_INSTANCE, told.instance().value());
    }
    Instance instance = candidate.instance();
    return switch (instance.state()) {
      case STARTED -> {
        Candidate served = served(snapshot, candidate, told.arrival().port());
        yield served == null
            ? refuse(FaultKind.UNKNOWN_INSTANCE, instance.id() + " has no service")
            : new Plan.Forward(told.arrival(), head, List.of(served), timeouts);
      }
      case CREATED, STOPPING, STOPPED, DESTROYED ->
          refuse(FaultKind.NOT_RUNNING, instance.id() + " is " + instance.state());
    };
  }

  /// The instance with the service that the public port belongs to; where this worker does not know
  /// that service yet, with the one that the table gives. Null without any.
  private static Candidate served(RoutingSnapshot snapshot, Candidate candidate, int port) {
    AppRoute app = snapshot.app(candidate.instance().app());
    ServiceRoute route = app == null ? null : app.service(port);
    if (route != null && !route.service().equals(candidate.service())) {
      return new Candidate(
          candidate.instance(), route.service(), candidate.node(), candidate.load());
    }
    return candidate.service() == null ? null : candidate;
  }

  private static Plan refuse(FaultKind kind, String detail) {
    return new Plan.Refuse(Fault.of(kind, detail));
  }
}
