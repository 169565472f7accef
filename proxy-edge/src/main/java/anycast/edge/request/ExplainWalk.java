package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.runtime.LogText;
import anycast.edge.request.Explanation.Question;
import anycast.edge.request.Explanation.Stage;
import anycast.routing.model.Certificate;
import anycast.routing.model.InstanceId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Wish;
import anycast.routing.table.AppRoute;
import anycast.routing.table.Destination;
import anycast.routing.table.ServiceRoute;
import anycast.routing.virtual.CanonicalPath;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// One run over the stages of a request, in the order of [EdgePlanner#plan]; the listener and the
/// handshake come before it.
final class ExplainWalk {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final EdgePlanner planner;
  private final Moment now;
  private final Question question;
  private final Question.Target target;
  private final List<Stage> stages = new ArrayList<>();

  ExplainWalk(EdgePlanner planner, Moment now, Question question) {
    this.planner = planner;
    this.now = now;
    this.question = question;
    target = question.target();
  }

  List<Stage> stages() {
    return List.copyOf(stages);
  }

  /// What the planner decides, after all stages up to the one that ends the walk.
  String run() {
    boolean shaken = listener() && (!target.tls() || question.names() != null);
    if (shaken && certificate()) {
      Plan plan = plan();
      if (form()) {
        request(plan);
      }
      return result(plan);
    }
    if (shaken) {
      return result(plan());
    }
    if (stages.getLast().ok()) {
      certificate();
    }
    return "refused before a request: " + stages.getLast().detail();
  }

  private boolean listener() {
    String wanted = (target.tls() ? "TLS" : "plain") + " on public port " + target.port();
    return add(
        "listener",
        question.listener() != null,
        question.listener() == null
            ? "no listener is " + wanted
            : question.listener() + ", " + wanted);
  }

  private boolean certificate() {
    if (!target.tls()) {
      return true;
    }
    Certificate certificate = question.certificate();
    if (certificate == null) {
      return add("certificate", false, "none for this name: the handshake is refused");
    }
    String found = certificate.name() + ", generation " + certificate.generation();
    if (question.names() == null) {
      return add("certificate", false, found + ", cannot be loaded");
    }
    Authority authority = Authority.parse(AsciiString.of(target.host()));
    boolean covered =
        authority != null
            && question.names().cover(authority.bytes(), authority.start(), authority.length());
    return add("certificate", covered, found + (covered ? "" : ", does not name this host"));
  }

  private boolean form() {
    RequestHead head = target.head();
    Plan decided = RequestForm.decide(Authority.parse(head.authority()), head);
    String what = LogText.escape(target.method() + " " + target.path());
    return switch (decided) {
      case null -> add("request", true, what);
      case Plan.Refuse(Fault fault) -> add("request", false, told(fault));
      case Plan.Answer answer -> add("request", false, "answered here: " + answer.head().status());
      case Plan.Forward _, Plan.Await _ -> add("request", true, what);
    };
  }

  /// Wish, path, and where it leads.
  private void request(Plan plan) {
    RequestHead head = target.head();
    Wish wish = Wishes.of(head.fields());
    if (wish == null) {
      add("wish", false, "a region or instance is insisted on that is none");
      return;
    }
    if (!wish.equals(Wish.NONE)) {
      add("wish", true, told(wish));
    }
    Authority authority = Authority.parse(head.authority());
    switch (planner.path(now.world(), authority, head.path())) {
      case CanonicalPath.Refused(String reason) -> add("path", false, reason);
      case CanonicalPath.Unchanged _ -> destination(asked(head, authority, wish), plan);
      case CanonicalPath.Changed changed -> {
        RequestHead canonical = EdgePlanner.withPath(head, changed);
        add("path", true, "goes on as " + LogText.escape(canonical.path()));
        destination(asked(canonical, authority, wish), plan);
      }
    }
  }

  private void destination(Asked asked, Plan plan) {
    switch (EdgePlanner.route(now.world(), asked, now.flight())) {
      case Destination.NoHost _ ->
          add("host", false, LogText.escape(target.host()) + " belongs to no app");
      case Destination.NoRule(String services) ->
          add(
              "rule",
              false,
              "none of " + services + " takes this request, and no app has the host");
      case Destination.ByApp(AppRoute app) -> {
        add("host", true, LogText.escape(target.host()) + " belongs to app " + app.id());
        ServiceRoute service = app.service(target.port());
        if (service(app, service)) {
          stages.addAll(new ExplainInstances(now).of(service.picker()));
          stages.addAll(ExplainTerms.of(plan));
        }
      }
      case Destination.ByRule(var rule) -> {
        stages.addAll(new ExplainRule(asked, now).of(rule));
        stages.addAll(ExplainTerms.of(plan));
      }
    }
  }

  private boolean service(AppRoute app, ServiceRoute route) {
    if (route == null) {
      String ports =
          app.services().stream()
              .map(each -> each.service().id() + " " + each.service().ports())
              .collect(Collectors.joining(", "));
      return add(
          "service",
          false,
          "none on port " + target.port() + "; there are: " + (ports.isEmpty() ? "none" : ports));
    }
    var service = route.service();
    boolean redirected = !target.tls() && service.forceHttps();
    return add(
        "service",
        !redirected,
        service.id()
            + ", "
            + service.protocol().name().toLowerCase(Locale.ROOT)
            + " on internal port "
            + service.internalPort()
            + ", soft limit "
            + limit(service.softLimit())
            + ", hard limit "
            + limit(service.hardLimit())
            + (redirected ? ", forces https: redirected" : ""));
  }

  private Asked asked(RequestHead head, Authority authority, Wish wish) {
    return new Asked(visitor(), arrival(), head, authority, wish);
  }

  private Plan plan() {
    return planner.plan(now, visitor(), arrival(), target.head(), () -> now);
  }

  private Visitor visitor() {
    Secured secured =
        new Secured(
            new Accepted("explain", target.port(), LOOPBACK, LOOPBACK),
            target.tls() ? question.names() : null);
    return Visitor.of(secured, TrustedProxies.none());
  }

  private Arrival arrival() {
    return new Arrival("explain", LOOPBACK, target.port(), target.tls(), "2", now.nowNanos());
  }

  private static String result(Plan plan) {
    return switch (plan) {
      case Plan.Forward forward ->
          "forwarded, in this order: "
              + forward.candidates().stream()
                  .map(ExplainWalk::placed)
                  .collect(Collectors.joining(", "));
      case Plan.Await wait ->
          "waits "
              + ExplainTerms.length(wait.waitNanos())
              + " for an instance, then refused: "
              + told(wait.otherwise());
      case Plan.Answer answer -> "answered by the edge: " + answered(answer);
      case Plan.Refuse(Fault fault) -> "refused: " + told(fault);
    };
  }

  private boolean add(String stage, boolean ok, String detail) {
    stages.add(new Stage(stage, ok, detail));
    return ok;
  }

  private static String answered(Plan.Answer answer) {
    String location = answer.head().fields().text(AsciiString.cached("location"));
    return answer.head().status() + (location == null ? "" : " to " + LogText.escape(location));
  }

  private static String told(Fault fault) {
    return fault.kind().status()
        + " "
        + fault.kind().code()
        + " "
        + fault.kind().sentence()
        + (fault.detail().isEmpty() ? "" : " (" + fault.detail() + ")");
  }

  private static String told(Wish wish) {
    List<String> parts = new ArrayList<>();
    InstanceId instance = wish.instance();
    if (instance != null) {
      parts.add((wish.instanceForced() ? "only instance " : "rather instance ") + instance);
    }
    if (!wish.regions().isEmpty()) {
      String regions =
          wish.regions().stream().map(RegionCode::code).collect(Collectors.joining(", then "));
      parts.add((wish.regionsForced() ? "only " : "rather ") + regions);
    }
    return String.join("; ", parts);
  }

  private static String placed(Candidate candidate) {
    return candidate.instance().id() + " on " + candidate.instance().node();
  }

  private static String limit(int exchanges) {
    return exchanges == 0 ? "none" : Integer.toString(exchanges);
  }
}
