package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.PickResult;
import anycast.routing.table.AppRoute;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.ServiceRoute;
import io.netty.util.AsciiString;
import java.util.Set;
import java.util.stream.Collectors;

/// Decides what becomes of a request: form, certificate, host, service, instance, in this order.
///
/// Pure but for the head's fields, which it edits when the request is forwarded: the same snapshot
/// and the same random bits give the same plan.
///
/// **Threading.** Immutable; any event loop. **Limits.** Three candidates: a third refusal says
/// more about the service than about the instance, and each try costs a round trip.
public final class EdgePlanner {
  static final int ATTEMPTS = 3;

  /// Enough to see where, short enough for a header.
  private static final int MAX_NAMED_REGIONS = 8;

  /// Passes through this fleet before a request counts as a loop: an app may call another app, or
  /// itself, through the edge once with the headers it was called with.
  private static final int PASSES_OF_A_LOOP = 2;

  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString TRACE = AsciiString.cached("TRACE");
  private static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");
  private static final AsciiString STAR = AsciiString.cached("*");
  private static final AsciiString EXPECT = AsciiString.cached("expect");
  private static final AsciiString CONTINUE = AsciiString.cached("100-continue");
  private static final AsciiString MAX_FORWARDS = AsciiString.cached("max-forwards");
  private static final AsciiString ALLOW = AsciiString.cached("allow");
  private static final AsciiString LOCATION = AsciiString.cached("location");
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
  private static final AsciiString ZERO = AsciiString.cached("0");

  /// What passes through the edge; TRACE and CONNECT do not (RFC 9110 §9.3.6, §9.3.8).
  static final AsciiString METHODS =
      AsciiString.cached("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

  private static final int NO_CONTENT = 204;
  private static final int MOVED_PERMANENTLY = 301;
  private static final int HTTPS_PORT = 443;
  private static final int MAX_HOPS_DIGITS = 4;

  private final HeaderRules rules;
  private final Plan.Timeouts timeouts;
  private final int httpsPort;

  /// @param httpsPort public port that `force_https` sends clients to
  public EdgePlanner(HeaderRules rules, Plan.Timeouts timeouts, int httpsPort) {
    this.rules = rules;
    this.timeouts = timeouts;
    this.httpsPort = httpsPort;
  }

  /// Plans one request.
  ///
  /// @param world the snapshot that the whole request reads
  /// @param random 64 random bits
  public Plan plan(
      RoutingSnapshot world, Visitor visitor, Arrival arrival, RequestHead head, long random) {
    Authority authority = Authority.parse(head.authority());
    Plan decided = ofForm(authority, head);
    if (decided != null) {
      return decided;
    }
    if (!covered(visitor, authority)) {
      return refuse(FaultKind.MISDIRECTED);
    }
    AppRoute app = app(world, authority);
    if (app == null) {
      return refuse(FaultKind.UNKNOWN_HOST);
    }
    ServiceRoute route = app.service(arrival.port());
    if (route == null) {
      return refuse(FaultKind.NO_SERVICE);
    }
    if (!arrival.tls() && route.service().forceHttps()) {
      return new Plan.Answer(redirect(authority, head, arrival));
    }
    return switch (route.picker().pick(ATTEMPTS, random)) {
      case PickResult.None(var _, String reason) -> new Plan.Refuse(nobody(world, route, reason));
      case PickResult.Picked(var candidates) -> {
        rules.onRequest(head.fields(), visitor, arrival, head.authority());
        yield new Plan.Forward(arrival, head, candidates, timeouts);
      }
    };
  }

  /// Why nobody takes it. Nodes may count instances in regions from which not one is known: their
  /// own state is not followed here, or has not come in yet.
  private static Fault nobody(RoutingSnapshot world, ServiceRoute route, String reason) {
    Set<RegionCode> known =
        route.picker().candidates().stream()
            .map(candidate -> candidate.instance().region())
            .collect(Collectors.toSet());
    String elsewhere =
        world.regions(route.service().app()).stream()
            .filter(count -> count.instances() > 0 && !known.contains(count.region()))
            .map(count -> count.region().code())
            .distinct()
            .sorted()
            .limit(MAX_NAMED_REGIONS)
            .collect(Collectors.joining(", "));
    return elsewhere.isEmpty()
        ? Fault.of(FaultKind.NO_INSTANCE, reason)
        : Fault.of(FaultKind.REGION_NOT_KNOWN, "runs in " + elsewhere);
  }

  /// What the request's form alone decides; null where nothing.
  Plan ofForm(Authority authority, RequestHead head) {
    AsciiString method = head.method();
    if (method.contentEquals(TRACE) || method.contentEquals(CONNECT)) {
      return refuse(FaultKind.METHOD_REFUSED);
    }
    if (authority == null) {
      return new Plan.Refuse(Fault.of(FaultKind.BAD_REQUEST, "authority"));
    }
    boolean options = method.contentEquals(OPTIONS);
    if (options && head.path().contentEquals(STAR)) {
      return new Plan.Answer(options());
    }
    if (!Target.origin(head.path())) {
      return new Plan.Refuse(Fault.of(FaultKind.BAD_REQUEST, "target"));
    }
    Fields fields = head.fields();
    int expect = fields.find(EXPECT);
    if (expect >= 0 && (!continues(fields, expect) || fields.find(EXPECT, expect + 1) >= 0)) {
      return refuse(FaultKind.EXPECTATION_FAILED);
    }
    if (HeaderRules.passes(fields) >= PASSES_OF_A_LOOP) {
      return refuse(FaultKind.LOOP);
    }
    return options ? lastHop(fields) : null;
  }

  /// Counts a hop of OPTIONS down (RFC 9110 §7.6.2); the last one answers.
  private static Plan lastHop(Fields fields) {
    int at = fields.find(MAX_FORWARDS);
    if (at < 0) {
      return null;
    }
    int hops = hops(fields.value(at));
    if (hops < 0) {
      return new Plan.Refuse(Fault.of(FaultKind.BAD_REQUEST, "max-forwards"));
    }
    if (hops == 0) {
      return new Plan.Answer(options());
    }
    fields.set(MAX_FORWARDS, Integer.toString(hops - 1));
    return null;
  }

  private static int hops(AsciiString text) {
    if (text.isEmpty() || text.length() > MAX_HOPS_DIGITS) {
      return -1;
    }
    int hops = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.byteAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      hops = hops * 10 + digit;
    }
    return hops;
  }

  private static boolean continues(Fields fields, int i) {
    return fields.value(i).contentEqualsIgnoreCase(CONTINUE);
  }

  /// Whether the connection's certificate vouches for the host (RFC 9110 §15.5.20).
  static boolean covered(Visitor visitor, Authority authority) {
    return !visitor.secured().tls()
        || visitor
            .secured()
            .names()
            .cover(authority.bytes(), authority.start(), authority.length());
  }

  static AppRoute app(RoutingSnapshot world, Authority authority) {
    return world.find(authority.bytes(), authority.start(), authority.length());
  }

  private ResponseHead redirect(Authority authority, RequestHead head, Arrival arrival) {
    StringBuilder location = new StringBuilder("https://").append(authority.host());
    if (httpsPort != HTTPS_PORT) {
      location.append(':').append(httpsPort);
    }
    Fields fields = new Fields(256, 5);
    fields.add(LOCATION, location.append(head.path()));
    fields.add(CONTENT_LENGTH, ZERO);
    return new ResponseHead(MOVED_PERMANENTLY, fields);
  }

  private static ResponseHead options() {
    Fields fields = new Fields(128, 4);
    fields.add(ALLOW, METHODS);
    return new ResponseHead(NO_CONTENT, fields);
  }

  private static Plan refuse(FaultKind kind) {
    return new Plan.Refuse(Fault.of(kind));
  }
}
