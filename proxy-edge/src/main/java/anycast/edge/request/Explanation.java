package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.runtime.LogText;
import anycast.edge.tls.CertifiedNames;
import anycast.routing.model.Certificate;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Tier;
import anycast.routing.table.AppRoute;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.ServiceRoute;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What would happen to a request, stage by stage, on one snapshot: the planner's own stages, told
/// instead of done.
///
/// @param url as asked
/// @param stages in order of execution; the first that is not ok ends the walk
/// @param result what the planner decides
public record Explanation(String url, List<Stage> stages, String result) {
  /// @param stage its name
  /// @param ok whether the request gets past it
  /// @param detail what was found, in words
  public record Stage(String stage, boolean ok, String detail) {}

  /// What is asked about.
  ///
  /// @param listener name of the listener that serves scheme and port, or null where none does
  /// @param names what the certificate for the host vouches for; null without TLS, or without one
  public record Question(
      String url, Target target, String listener, Certificate certificate, CertifiedNames names) {
    /// @param port public port
    public record Target(AsciiString method, boolean tls, String host, int port, AsciiString path) {
      AsciiString authority() {
        return AsciiString.of(host);
      }
    }
  }

  /// Walks the stages; never changes anything.
  public static Explanation of(
      EdgePlanner planner, RoutingSnapshot world, Question question, long random) {
    Walk walk = new Walk(planner, world, question);
    walk.run();
    return new Explanation(
        LogText.escape(question.url()), List.copyOf(walk.stages), walk.result(random));
  }

  /// One run over the stages.
  private static final class Walk {
    private final EdgePlanner planner;
    private final RoutingSnapshot world;
    private final Question question;
    private final Question.Target target;
    private final List<Stage> stages = new ArrayList<>();

    /// The connection would stand: what follows is the planner's.
    private boolean shaken;

    Walk(EdgePlanner planner, RoutingSnapshot world, Question question) {
      this.planner = planner;
      this.world = world;
      this.question = question;
      target = question.target();
    }

    /// In the order of [EdgePlanner#plan]; the listener and the handshake come before it.
    void run() {
      if (!listener()) {
        return;
      }
      shaken = !target.tls() || question.names() != null;
      if (target.tls() && !certificate() || !form()) {
        return;
      }
      Authority authority = Authority.parse(target.authority());
      AppRoute app = EdgePlanner.app(world, authority);
      if (!host(app)) {
        return;
      }
      ServiceRoute service = app.service(target.port());
      if (service(app, service)) {
        instances(service);
      }
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
      Certificate certificate = question.certificate();
      if (certificate == null) {
        return add("certificate", false, "none for this name: the handshake is refused");
      }
      String found = certificate.name() + ", generation " + certificate.generation();
      if (question.names() == null) {
        return add("certificate", false, found + ", cannot be loaded");
      }
      Authority authority = Authority.parse(target.authority());
      boolean covered =
          authority != null
              && question.names().cover(authority.bytes(), authority.start(), authority.length());
      return add("certificate", covered, found + (covered ? "" : ", does not name this host"));
    }

    private boolean form() {
      Plan decided = planner.ofForm(Authority.parse(target.authority()), head());
      String what = LogText.escape(target.method() + " " + target.path());
      return switch (decided) {
        case null -> add("request", true, what);
        case Plan.Refuse(Fault fault) -> add("request", false, told(fault));
        case Plan.Answer answer ->
            add("request", false, "answered here: " + answer.head().status());
        case Plan.Forward _, Plan.Await _ -> add("request", true, what);
      };
    }

    private boolean host(AppRoute app) {
      return add(
          "host",
          app != null,
          app == null
              ? LogText.escape(target.host()) + " belongs to no app"
              : LogText.escape(target.host()) + " belongs to app " + app.id());
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

    private void instances(ServiceRoute route) {
      int routable = 0;
      for (Tier tier : route.picker().tiers(0)) {
        routable += tier.candidates().size();
        if (!tier.candidates().isEmpty()) {
          stages.add(
              new Stage(
                  "instances",
                  true,
                  tier.name()
                      + ": "
                      + tier.candidates().stream()
                          .map(Walk::loaded)
                          .collect(Collectors.joining(", "))));
        }
      }
      String resting =
          route.picker().candidates().stream()
              .filter(each -> !each.routable())
              .map(each ->
                  each.instance().id()
                      + " ("
                      + each.instance().state().name().toLowerCase(Locale.ROOT)
                      + ")")
              .collect(Collectors.joining(", "));
      if (routable == 0 || !resting.isEmpty()) {
        stages.add(
            new Stage(
                "instances",
                routable > 0,
                "not eligible: " + (resting.isEmpty() ? "none known" : resting)));
      }
    }

    /// The whole planner's word, unless the request would not have come so far.
    String result(long random) {
      if (!shaken) {
        return "refused before a request: " + stages.getLast().detail();
      }
      Secured secured =
          new Secured(
              new Accepted("explain", target.port(), LOOPBACK, LOOPBACK),
              target.tls() ? question.names() : null);
      Visitor visitor = Visitor.of(secured, TrustedProxies.none());
      Arrival arrival = new Arrival("explain", LOOPBACK, target.port(), target.tls(), "2", 0);
      return switch (planner.plan(world, visitor, arrival, head(), random)) {
        case Plan.Forward forward ->
            "forwarded, in this order: "
                + forward.candidates().stream().map(Walk::placed).collect(Collectors.joining(", "));
        case Plan.Await wait -> "waits, otherwise refused: " + told(wait.otherwise());
        case Plan.Answer answer -> "answered by the edge: " + answered(answer);
        case Plan.Refuse(Fault fault) -> "refused: " + told(fault);
      };
    }

    private RequestHead head() {
      return new RequestHead(
          target.method(),
          AsciiString.of(target.tls() ? "https" : "http"),
          target.authority(),
          target.path(),
          null,
          new Fields());
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

    private static String loaded(Candidate candidate) {
      return candidate.instance().id() + " with " + candidate.load().inFlight() + " in flight";
    }

    private static String placed(Candidate candidate) {
      return candidate.instance().id() + " on " + candidate.instance().node();
    }

    private static String limit(int exchanges) {
      return exchanges == 0 ? "none" : Integer.toString(exchanges);
    }
  }

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
}
