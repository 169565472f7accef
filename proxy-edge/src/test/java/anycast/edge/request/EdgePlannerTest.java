package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.routing.model.Instance;
import anycast.routing.table.RoutingSnapshot;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EdgePlannerTest {
  private final EdgePlanner planner = Scene.planner();
  private final RoutingSnapshot world = Scene.usual().snapshot();
  private final Visitor visitor =
      Scene.tls("a.test", "*.wild.test", "shop.test", "idle.test", "nobody.test");

  @Test
  void forwardsToStartedInstancesNearestFirst() {
    Plan.Forward forward = forward(Scene.head("GET", "a.test", "/"));
    assertEquals(
        List.of("hello-1", "hello-2"),
        forward.candidates().stream().map(each -> each.instance().id().value()).toList());
    assertEquals("fra", forward.head().fields().text(AsciiString.of("fly-region")));
  }

  @Test
  void namesNoCandidateTwice() {
    for (long random = 0; random < 100; random++) {
      Plan.Forward forward =
          (Plan.Forward)
              Scene.plan(planner, world, visitor, Scene.head("GET", "a.test", "/"), random);
      Set<Object> seen = new HashSet<>(forward.candidates());
      assertEquals(forward.candidates().size(), seen.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.test:443", "A.TEST", "a.test.", "x.wild.test", "a.test:8443"})
  void findsTheAppOfAHostHoweverItIsWritten(String authority) {
    forward(Scene.head("GET", authority, "/"));
  }

  @ParameterizedTest
  @CsvSource({
    "nobody.test,UNKNOWN_HOST",
    "idle.test,NO_INSTANCE",
    "other.test,MISDIRECTED",
    "x.y.wild.test,MISDIRECTED",
    "a b,BAD_REQUEST",
    "'',BAD_REQUEST"
  })
  void refusesWhatCannotBeRouted(String authority, FaultKind kind) {
    assertEquals(kind, refusal(Scene.head("GET", authority, "/")));
  }

  @Test
  void saysWhereAnAppRunsThatNoInstanceIsKnownOf() {
    Scene scene =
        Scene.usual()
            .runs("idle", "wrk-nrt-1", "nrt", 2)
            .runs("idle", "wrk-iad-1", "iad", 1)
            .runs("idle", "wrk-iad-2", "iad", 4)
            .runs("idle", "wrk-syd-1", "syd", 0);
    Fault fault = refused(scene.snapshot());
    assertEquals(FaultKind.REGION_NOT_KNOWN, fault.kind());
    assertEquals("runs in iad, nrt", fault.detail());
    // One that stopped is known from there, so there is nothing to wait for.
    scene
        .instance("idle-1", "idle", "wrk-iad-1", "iad", Instance.State.STOPPED)
        .instance("idle-2", "idle", "wrk-nrt-1", "nrt", Instance.State.STOPPED);
    assertEquals(FaultKind.NO_INSTANCE, refused(scene.snapshot()).kind());
  }

  private Fault refused(RoutingSnapshot where) {
    Plan plan = Scene.plan(planner, where, visitor, Scene.head("GET", "idle.test", "/"), 1);
    return assertInstanceOf(Plan.Refuse.class, plan).fault();
  }

  @Test
  void refusesAPortThatTheAppDoesNotServe() {
    Visitor odd =
        Visitor.of(
            new Secured(
                new Accepted("odd", 8443, Scene.CLIENT, Scene.LOCAL), visitor.secured().names()),
            TrustedProxies.none());
    Plan plan = Scene.plan(planner, world, odd, Scene.head("GET", "a.test", "/"), 1);
    assertEquals(FaultKind.NO_SERVICE, assertInstanceOf(Plan.Refuse.class, plan).fault().kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TRACE", "CONNECT"})
  void refusesMethodsThatDoNotPassAProxy(String method) {
    assertEquals(FaultKind.METHOD_REFUSED, refusal(Scene.head(method, "a.test", "/")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "a", "", "http://b/", "/a#b", "/%zz"})
  void refusesTargetsThatAreNoPath(String path) {
    assertEquals(FaultKind.BAD_REQUEST, refusal(Scene.head("GET", "a.test", path)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"y 100-continue", "100-continue, x", "", "200-ok"})
  void refusesExpectationsThatItDoesNotKnow(String expect) {
    assertEquals(
        FaultKind.EXPECTATION_FAILED, refusal(Scene.head("POST", "a.test", "/", "expect", expect)));
  }

  @Test
  void passesTheExpectationThatItKnows() {
    forward(Scene.head("POST", "a.test", "/", "expect", "100-Continue"));
  }

  @Test
  void answersOptionsForTheServerItself() {
    assertEquals(204, answer(Scene.head("OPTIONS", "a.test", "*")).head().status());
  }

  @Test
  void answersOptionsOfTheLastHopAndCountsOthersDown() {
    assertEquals(
        204, answer(Scene.head("OPTIONS", "a.test", "/", "max-forwards", "0")).head().status());
    RequestHead counted =
        forward(Scene.head("OPTIONS", "a.test", "/", "max-forwards", "10")).head();
    assertEquals("9", counted.fields().text(AsciiString.of("max-forwards")));
    forward(Scene.head("GET", "a.test", "/", "max-forwards", "0"));
    assertEquals(
        FaultKind.BAD_REQUEST, refusal(Scene.head("OPTIONS", "a.test", "/", "max-forwards", "-1")));
  }

  @Test
  void seesALoopAtItsSecondTurn() {
    forward(Scene.head("GET", "a.test", "/", "via", "1.1 anycast"));
    assertEquals(
        FaultKind.LOOP, refusal(Scene.head("GET", "a.test", "/", "via", "1.1 anycast, 2 anycast")));
  }

  @Test
  void redirectsPlainRequestsOfAServiceThatForcesHttps() {
    Visitor plain = Scene.plain();
    Plan plan = Scene.plan(planner, world, plain, Scene.head("GET", "Shop.test:80", "/a?b=c"), 1);
    Plan.Answer answer = assertInstanceOf(Plan.Answer.class, plan);
    assertEquals(301, answer.head().status());
    assertEquals(
        "https://shop.test/a?b=c", answer.head().fields().text(AsciiString.of("location")));
    forward(Scene.head("GET", "shop.test", "/"));
  }

  @Test
  void servesPlainRequestsOfOtherServices() {
    Visitor plain = Scene.plain();
    assertInstanceOf(
        Plan.Forward.class, Scene.plan(planner, world, plain, Scene.head("GET", "a.test", "/"), 1));
  }

  private Plan plan(RequestHead head) {
    return Scene.plan(planner, world, visitor, head, 42);
  }

  private Plan.Forward forward(RequestHead head) {
    return assertInstanceOf(Plan.Forward.class, plan(head));
  }

  private Plan.Answer answer(RequestHead head) {
    return assertInstanceOf(Plan.Answer.class, plan(head));
  }

  private FaultKind refusal(RequestHead head) {
    return assertInstanceOf(Plan.Refuse.class, plan(head)).fault().kind();
  }
}
