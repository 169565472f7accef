package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.routing.admission.RuleFaults;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.virtual.PathPolicy;
import io.netty.util.AsciiString;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Nobody gets past a rule by writing its path in another way.
class PathBypassTest {
  private static final AsciiString RULE = AsciiString.of("x-rule");
  private static final RoutingSnapshot WORLD =
      Scene.usual()
          .virtual(
              "v",
              """
              hosts: [v.test, a.test]
              rules:
                - match: { path: /admin }
                  to: [ { selector: app=hello } ]
                  headers: { request: { set: { x-rule: admin } } }
                - match: { path: /public }
                  to: [ { selector: app=hello } ]
                  headers: { request: { set: { x-rule: public } } }
              """)
          .snapshot();

  private static final EdgePlanner PLANNER = Scene.planner();
  private static final Visitor VISITOR = Scene.tls("v.test", "a.test", "*.wild.test");

  @ParameterizedTest
  @CsvSource({
    "/admin,/admin",
    "/%61dmin,/admin",
    "//admin,/admin",
    "/public/../admin,/admin",
    "/public/%2e%2e/admin,/admin",
    "/public/.%2E/admin/x,/admin/x",
    "/./admin/,/admin/",
    "/admin/.//x,/admin/x",
    "/public/a/../../admin?b=/public,/admin?b=/public",
  })
  void otherSpellingsOfAPathMeetItsRuleAndGoOnInOne(String came, String goes) {
    RequestHead head = assertInstanceOf(Plan.Forward.class, plan("v.test", came)).head();
    assertEquals("admin", head.fields().text(RULE));
    assertEquals(goes, head.path().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/public/..;/admin",
        "/public/%2e%2e;/admin",
        "/public;/../admin",
        "/admin;x",
        "/public/..%2fadmin",
        "/public%2f..%2fadmin",
        "/a%2fb",
        "/public/..%5cadmin",
        "/public\\..\\admin",
        "/admin%00",
        "/admin%0a",
        "/..",
        "/public/../../admin",
        "/%2e%2e/admin"
      })
  void whatTwoReadersWouldTakeForTwoPathsIsRefused(String came) {
    Plan.Refuse refuse = assertInstanceOf(Plan.Refuse.class, plan("v.test", came));
    assertEquals(FaultKind.BAD_PATH, refuse.fault().kind());
    assertTrue(refuse.fault().detail().startsWith("the path"), refuse.fault().detail());
  }

  @Test
  void theAppOfARuledHostReadsCanonicalPathsToo() {
    Plan.Forward forward = assertInstanceOf(Plan.Forward.class, plan("a.test", "/x//y/../z"));
    assertEquals("/x/z", forward.head().path().toString());
    assertInstanceOf(Plan.Refuse.class, plan("a.test", "/x;y"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a%2fb", "/p/https://x.test/y", "/a;b=c/d", "/a/../b", "/%7Ea", "/|"})
  void hostsWithoutRulesAreServedTheClientsOwnBytes(String path) {
    Plan.Forward forward = assertInstanceOf(Plan.Forward.class, plan("x.wild.test", path));
    assertEquals(path, forward.head().path().toString());
  }

  @Test
  void anEdgeMayBeStrictOnAllHosts() {
    EdgePlanner strict =
        new EdgePlanner(
            new HeaderRules(Scene.FRA),
            new PathRules(PathPolicy.SAFE, PathRules.Hosts.ALL),
            new Plan.Timeouts(1, 2),
            443,
            new RuleFaults());
    RequestHead head = Scene.head("GET", "x.wild.test", "/a;b");
    assertInstanceOf(Plan.Refuse.class, Scene.plan(strict, WORLD, VISITOR, head, 1));
  }

  @Test
  void optionsForTheServerAreNoPath() {
    Plan plan = Scene.plan(PLANNER, WORLD, VISITOR, Scene.head("OPTIONS", "v.test", "*"), 1);
    assertEquals(204, assertInstanceOf(Plan.Answer.class, plan).head().status());
  }

  @Property(tries = 5000)
  void whatIsMatchedIsWhatIsForwarded(@ForAll("targets") String target) {
    if (!(plan("v.test", target) instanceof Plan.Forward forward)) {
      return;
    }
    String path = forward.head().path().toString();
    String rule = forward.head().fields().text(RULE);
    String bare = path.contains("?") ? path.substring(0, path.indexOf('?')) : path;
    assertTrue(bare.equals("/" + rule) || bare.startsWith("/" + rule + "/"), path);
    Plan.Forward again = assertInstanceOf(Plan.Forward.class, plan("v.test", path));
    assertEquals(path, again.head().path().toString());
    assertEquals(rule, again.head().fields().text(RULE));
  }

  @Provide
  Arbitrary<String> targets() {
    return Arbitraries.of(
            List.of(
                "admin", "public", "/", "/", "//", ".", "..", "%2e", "%2E%2e", ";", "%2f", "%5c",
                "%61", "a", "%", "%00", "?", "%25", "%252e", "~", "|", "é"))
        .list()
        .ofMaxSize(8)
        .map(parts -> "/" + String.join("", parts));
  }

  private static Plan plan(String host, String path) {
    return Scene.plan(PLANNER, WORLD, VISITOR, Scene.head("GET", host, path), 1);
  }
}
