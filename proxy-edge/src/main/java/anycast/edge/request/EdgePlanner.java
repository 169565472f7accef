package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.Terms;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.watchdog.FlightSlot;
import anycast.routing.admission.RuleFaults;
import anycast.routing.model.InstanceId;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.Poison;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Wish;
import anycast.routing.poison.Strike;
import anycast.routing.table.AppRoute;
import anycast.routing.table.Destination;
import anycast.routing.table.RouteTrail;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.ServiceRoute;
import anycast.routing.virtual.CanonicalPath;
import anycast.routing.virtual.CompiledRule;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.function.Supplier;

/// Decides what becomes of a request: form, certificate, path, wish, host, rule or service,
/// instance, in this order.
///
/// Pure but for the head's fields, which it edits when the request is forwarded: the same moment
/// gives the same plan.
///
/// **Threading.** Immutable; any event loop. **Limits.** As many candidates as the policy has
/// attempts, three as a rule: a third refusal says more about the service than about the instance,
/// and each try costs a round trip.
public final class EdgePlanner {
  private static final CanonicalPath AS_IT_CAME = new CanonicalPath.Unchanged();

  private static final AsciiString UNAVAILABLE =
      AsciiString.cached("fly-preferred-instance-unavailable");

  private final HeaderRules rules;
  private final PathRules paths;
  private final Offers offers;
  private final Redirects redirects;
  private final PlanningBugs bugs;

  /// @param timeouts where neither service nor rule says otherwise
  /// @param httpsPort public port that clients are sent to with `https`
  /// @param faults told which rules failed at requests
  public EdgePlanner(
      HeaderRules rules,
      PathRules paths,
      Plan.Timeouts timeouts,
      int httpsPort,
      RuleFaults faults) {
    this.bugs = new PlanningBugs(faults);
    this.rules = rules;
    this.paths = paths;
    this.offers = new Offers(timeouts);
    this.redirects = new Redirects(httpsPort);
  }

  /// Plans one request. A bug in planning costs this request and no other.
  ///
  /// @param later the moment of asking, for a plan that is made anew after a wait
  public Plan plan(
      Moment now, Visitor visitor, Arrival arrival, RequestHead head, Supplier<Moment> later) {
    try {
      return decided(now, visitor, arrival, head, later);
    } catch (RuntimeException | StackOverflowError e) {
      return bugs.refuse("a request that no rule had taken yet", e, now.nowNanos());
    }
  }

  private Plan decided(
      Moment now, Visitor visitor, Arrival arrival, RequestHead head, Supplier<Moment> later) {
    Authority authority = Authority.parse(head.authority());
    Plan decided = RequestForm.decide(authority, head);
    if (decided != null) {
      return decided;
    }
    if (!covered(visitor, authority)) {
      return refuse(FaultKind.MISDIRECTED);
    }
    Wish wish = Wishes.of(head.fields());
    if (wish == null) {
      return RequestForm.malformed("what fly-force-region or fly-force-instance-id says");
    }
    return switch (path(now.world(), authority, head.path())) {
      case CanonicalPath.Refused(String reason) ->
          new Plan.Refuse(Fault.of(FaultKind.BAD_PATH, reason));
      case CanonicalPath.Unchanged _ ->
          routed(new Asked(visitor, arrival, head, authority, wish), now, later);
      case CanonicalPath.Changed changed ->
          routed(new Asked(visitor, arrival, withPath(head, changed), authority, wish), now, later);
    };
  }

  /// Where a request in canonical form goes; written down as long as it takes.
  private Plan routed(Asked asked, Moment now, Supplier<Moment> later) {
    Authority host = asked.authority();
    FlightSlot flight = now.flight();
    flight.route(
        host.bytes(),
        host.start(),
        host.length(),
        asked.arrival().id(),
        now.world().version(),
        now.nowNanos());
    try {
      return followed(asked, now, later);
    } finally {
      flight.rest();
    }
  }

  private Plan followed(Asked asked, Moment now, Supplier<Moment> later) {
    return switch (route(now.world(), asked, now.flight())) {
      case Destination.ByApp(AppRoute app) -> toApp(asked, now, later, app);
      case Destination.ByRule(CompiledRule rule) -> byRule(asked, now, later, rule);
      case Destination.NoRule(String services) ->
          new Plan.Refuse(Fault.of(FaultKind.NO_RULE, "of " + services));
      case Destination.NoHost _ -> refuse(FaultKind.UNKNOWN_HOST);
    };
  }

  private Plan byRule(Asked asked, Moment now, Supplier<Moment> later, CompiledRule rule) {
    now.flight().rule(rule);
    try {
      if (now.done()) { // an operator who asks what would happen is not to be struck
        Strike.at(Poison.At.REQUEST, rule.rule().poison());
      }
      Plan plan =
          switch (rule.rule().action()) {
            case Action.Forward forward -> toTarget(asked, now, later, rule, forward);
            case Action.Redirect redirect ->
                redirects.byRule(asked, rule.rule().match().path(), redirect);
          };
      bugs.onServed(rule);
      return plan;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return bugs.refuse(rule, e, !now.done(), now.nowNanos());
    }
  }

  private Plan toApp(Asked asked, Moment now, Supplier<Moment> later, AppRoute app) {
    ServiceRoute route = app.service(asked.port());
    if (route == null) {
      return refuse(FaultKind.NO_SERVICE);
    }
    if (!asked.arrival().tls() && route.service().forceHttps()) {
      return redirects.toHttps(asked);
    }
    ServicePolicy policy = route.service().policy();
    Affinity affinity = Affinity.of(policy.balance().affinity(), asked, now);
    PickRequest request =
        new PickRequest(
            Offers.attempts(policy.retry(), policy.hedge()),
            asked.wish(),
            affinity.key(),
            now.nowNanos(),
            now.random(),
            now.done());
    return switch (route.picker().pick(request)) {
      case PickResult.None none ->
          await(
              asked,
              later,
              app.id().name(),
              policy.queue().waitNanos(),
              Shortfall.ofService(now.world(), route, none));
      case PickResult.Picked(var candidates) -> {
        RequestHead onward = onward(asked, asked.head(), HeaderEdits.NONE, candidates);
        Terms terms =
            offers.ofService(policy, route.stats(), AnswerEdits.of(HeaderEdits.NONE, affinity));
        yield new Plan.Forward(asked.arrival(), onward, candidates, terms);
      }
    };
  }

  private Plan toTarget(
      Asked asked, Moment now, Supplier<Moment> later, CompiledRule rule, Action.Forward forward) {
    return switch (new Targeting(asked, now, now.world()::group).of(rule, forward)) {
      case Targeting.Found.Nobody(Fault fault, ServicePolicy policy) ->
          await(asked, later, rule.service(), Offers.waitNanos(forward.terms(), policy), fault);
      case Targeting.Found.Chosen chosen -> {
        List<Candidate> candidates = chosen.candidates();
        if (!asked.arrival().tls() && candidates.getFirst().service().forceHttps()) {
          yield redirects.toHttps(asked);
        }
        RequestHead rewritten = Rewriting.of(asked, rule.rule().match().path(), forward.rewrite());
        boolean copied = Copies.due(forward.mirror(), asked, now);
        RequestHead onward = onward(asked, rewritten, forward.request(), candidates);
        Terms terms =
            offers.ofRule(
                rule,
                forward,
                candidates.getFirst().service().policy(),
                chosen.group().stats(),
                AnswerEdits.of(forward.response(), chosen.affinity()),
                copied
                    ? Copies.of(now.world().group(rule.mirror()), asked, onward, now)
                    : List.of());
        yield new Plan.Forward(asked.arrival(), onward, candidates, terms);
      }
    };
  }

  /// What goes on: the edge's own fields, then the rule's edits, which cannot touch those.
  private RequestHead onward(
      Asked asked, RequestHead head, HeaderEdits edits, List<Candidate> candidates) {
    Fields fields = head.fields();
    rules.onRequest(fields, asked.visitor(), asked.arrival(), asked.head().authority());
    FieldEdits.apply(edits, fields);
    InstanceId wished = asked.wish().instance();
    if (wished != null && !candidates.getFirst().instance().id().equals(wished)) {
      fields.add(UNAVAILABLE, wished.value());
    }
    return head;
  }

  /// Nobody is there now; somebody may come, if there is time.
  private Plan await(
      Asked asked, Supplier<Moment> later, String owner, long waitNanos, Fault otherwise) {
    return waitNanos == 0
        ? new Plan.Refuse(otherwise)
        : new Plan.Await(
            asked.arrival(), asked.head(), owner, waitNanos, otherwise, () -> again(asked, later));
  }

  /// Who waited is served as who comes; an answer is complete, as it goes out from where the wait
  /// is.
  private Plan again(Asked asked, Supplier<Moment> later) {
    Moment now = later.get();
    Plan plan;
    try {
      plan = routed(asked, now, later);
    } catch (RuntimeException | StackOverflowError e) {
      plan = bugs.refuse("a request that had waited", e, now.nowNanos());
    }
    if (plan instanceof Plan.Answer(var head)) {
      HeaderRules.onOwnAnswer(head.fields(), asked.arrival().id());
    }
    return plan;
  }

  /// The target in canonical form, where this host's paths are brought into it.
  CanonicalPath path(RoutingSnapshot world, Authority authority, AsciiString target) {
    int start = target.arrayOffset();
    CanonicalPath path =
        CanonicalPath.of(target.array(), start, start + target.length(), paths.policy());
    boolean same = path instanceof CanonicalPath.Unchanged;
    return same || strict(world, authority) ? path : AS_IT_CAME;
  }

  private boolean strict(RoutingSnapshot world, Authority authority) {
    return paths.hosts() == PathRules.Hosts.ALL
        || world.ruled(authority.bytes(), authority.start(), authority.length());
  }

  static RequestHead withPath(RequestHead head, CanonicalPath.Changed changed) {
    return new RequestHead(
        head.method(),
        head.scheme(),
        head.authority(),
        new AsciiString(changed.target(), false),
        head.upgrade(),
        head.fields());
  }

  static Destination route(RoutingSnapshot world, Asked asked, RouteTrail trail) {
    Authority host = asked.authority();
    return world.route(host.bytes(), host.start(), host.length(), asked, trail);
  }

  /// Whether the connection's certificate vouches for the host (RFC 9110 §15.5.20).
  static boolean covered(Visitor visitor, Authority authority) {
    return !visitor.secured().tls()
        || visitor
            .secured()
            .names()
            .cover(authority.bytes(), authority.start(), authority.length());
  }

  private static Plan refuse(FaultKind kind) {
    return new Plan.Refuse(Fault.of(kind));
  }
}
