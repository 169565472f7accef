package anycast.backhaul.worker;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.Terms;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.link.LinkPlanner;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.Service;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Standing;
import anycast.routing.table.AppRoute;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.ServiceRoute;
import java.util.List;
import java.util.function.Function;

/// The worker's planner: admits a request to one of its own instances, or refuses it before the app
/// saw a byte.
///
/// The edge's picture may be seconds old, so each refusal is one that the edge may take elsewhere.
/// The hard limit is not looked at here: planning is pure, and a place that was seen free is not
/// taken yet. [AppConnector] takes it, or lets the request wait for it.
///
/// **Threading.** Any event loop; reads one snapshot.
public final class Admission implements LinkPlanner {
  private final RoutingTable table;
  private final NodeId self;
  private final Plan.Timeouts timeouts;
  private final Terms usual;
  private final Function<Candidate, Standing> checked;

  /// Without checks of its own.
  public Admission(RoutingTable table, NodeId self, Plan.Timeouts timeouts) {
    this(table, self, timeouts, _ -> Standing.READY);
  }

  /// @param checked what this worker's checks say of an instance now; asked on event loops
  public Admission(
      RoutingTable table,
      NodeId self,
      Plan.Timeouts timeouts,
      Function<Candidate, Standing> checked) {
    this.table = table;
    this.self = self;
    this.timeouts = timeouts;
    this.usual = Terms.of(timeouts);
    this.checked = checked;
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
        Plan.Refuse unready = unready(candidate);
        Candidate served = unready == null ? served(snapshot, candidate, told) : null;
        if (served != null) {
          yield new Plan.Forward(told.arrival(), head, List.of(served), terms(told));
        }
        yield unready != null
            ? unready
            : refuse(FaultKind.UNKNOWN_INSTANCE, instance.id() + " has no service");
      }
      case CREATED, STOPPING, STOPPED, DESTROYED ->
          refuse(FaultKind.NOT_RUNNING, instance.id() + " is " + instance.state());
    };
  }

  /// Why it shall get nothing; null where it shall. Of its health the table knows what this worker
  /// wrote a moment ago, so the worker's own word counts.
  ///
  /// Cordons are the edges' affair. Where blue and green change places in one transaction, this
  /// worker may hear of it before or after an edge does: if it refused, green's worker could still
  /// and blue's already, and the request had nowhere to go.
  private Plan.Refuse unready(Candidate candidate) {
    InstanceId id = candidate.instance().id();
    return switch (checked.apply(candidate)) {
      case READY, CORDONED -> null;
      case FAILING -> refuse(FaultKind.INSTANCE_NOT_READY, id + " fails its checks");
      case LAGGING -> refuse(FaultKind.INSTANCE_NOT_READY, id + " lags behind");
    };
  }

  /// How long is the edge's say: rules override what the service's policy has.
  private Terms terms(BackhaulHead told) {
    if (told.ask().queueNanos() == 0 && told.ask().connectNanos() == 0) {
      return usual;
    }
    return new Terms(
        usual.rule(),
        new Plan.Timeouts(
            timeouts.responseNanos(), timeouts.idleNanos(), 0, told.ask().connectNanos()),
        usual.retry(),
        usual.hedge(),
        usual.stats(),
        told.ask().queueNanos(),
        usual.edits(),
        usual.copies());
  }

  /// The instance with the service that is asked for; null where there is none. Where several have
  /// the internal port, the one on the client's port comes first.
  private static Candidate served(
      RoutingSnapshot snapshot, Candidate candidate, BackhaulHead told) {
    AppRoute app = snapshot.app(candidate.instance().app());
    ServiceRoute route = app == null ? null : app.service(told.arrival().port());
    int port = told.ask().port();
    if (port == 0) {
      // Where this worker does not know that service yet, with the one that the table gives.
      return route == null
          ? candidate.service() == null ? null : candidate
          : with(candidate, route);
    }
    if (route != null && route.service().internalPort() == port) {
      return with(candidate, route);
    }
    List<ServiceRoute> services = app == null ? List.of() : app.services();
    for (int i = 0; i < services.size(); i++) {
      if (services.get(i).service().internalPort() == port) {
        return with(candidate, services.get(i));
      }
    }
    return candidate.with(implied(candidate, port));
  }

  /// A port that no service of the app has: plain HTTP without limits.
  private static Service implied(Candidate candidate, int port) {
    return new Service(
        candidate.instance().app(),
        "port-" + port,
        List.of(),
        port,
        Service.AppProtocol.HTTP1,
        false,
        0,
        0,
        0);
  }

  private static Candidate with(Candidate candidate, ServiceRoute route) {
    return route.service().equals(candidate.service())
        ? candidate
        : candidate.with(route.service());
  }

  private static Plan.Refuse refuse(FaultKind kind, String detail) {
    return new Plan.Refuse(Fault.of(kind, detail));
  }
}
