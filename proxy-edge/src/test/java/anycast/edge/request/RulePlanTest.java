package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.Terms;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.Cordon;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.ServicePolicy;
import anycast.routing.table.RoutingSnapshot;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests to hosts of virtual services, on snapshots of real documents.
class RulePlanTest {
  private static final int PLANS = 10_000;

  private final EdgePlanner planner = Scene.planner();
  private final Visitor visitor = Scene.tls("v.test", "a.test");

  @Test
  void aCanaryOfFivePercentGetsFivePercent() {
    RoutingSnapshot world =
        fleet()
            .labelled("old-1", "hello", "wrk-fra-1", "version=1")
            .labelled("new-1", "hello", "wrk-fra-1", "version=2")
            .virtual(
                "v",
                """
                hosts: [v.test]
                rules:
                  - to: [ { selector: version=1, weight: 95 }, { selector: version=2, weight: 5 } ]
                """)
            .snapshot();
    SplittableRandom random = new SplittableRandom(9);
    int canary = 0;
    for (int i = 0; i < PLANS; i++) {
      RequestHead head = Scene.head("GET", "v.test", "/");
      String first = ids(forward(world, visitor, head, random.nextLong())).getFirst();
      canary += first.equals("new-1") ? 1 : 0;
    }
    assertEquals(0.05, canary / (double) PLANS, 0.01);
  }

  @Test
  void writesWaitForAPrimaryAndNeverMeetAReplica() {
    String document =
        """
        hosts: [v.test]
        rules:
          - name: writes
            match: { methods: [POST, PUT, PATCH, DELETE] }
            to: [ { selector: role=primary } ]
            wait: 3s
          - name: reads
            to: [ { selector: role=replica } ]
            fallback: [ { selector: role=primary } ]
        """;
    Scene scene =
        fleet().labelled("r-1", "hello", "wrk-fra-1", "role=replica").virtual("db", document);
    RoutingSnapshot without = scene.snapshot();
    assertEquals(List.of("r-1"), ids(forward(without, "GET", "/")));
    RoutingSnapshot with = scene.labelled("p-1", "hello", "wrk-iad-1", "role=primary").snapshot();
    Queue<RoutingSnapshot> worlds = new ArrayDeque<>(List.of(without, without, with));
    RequestHead head = Scene.head("POST", "v.test", "/orders");
    Plan plan =
        planner.plan(
            new Moment(worlds.remove(), 0, 1),
            visitor,
            Scene.arrival(visitor),
            head,
            () -> new Moment(worlds.remove(), 0, 1));
    Plan.Await wait = assertInstanceOf(Plan.Await.class, plan);
    assertEquals(Duration.ofSeconds(3).toNanos(), wait.waitNanos());
    assertEquals(FaultKind.NO_TARGET, wait.otherwise().kind());
    assertInstanceOf(Plan.Await.class, wait.again().get());
    Plan.Forward forward = assertInstanceOf(Plan.Forward.class, wait.again().get());
    assertEquals(List.of("p-1"), ids(forward));
    assertEquals(1, count(forward.head().fields(), "via"));
  }

  @Test
  void whoWaitsIsCountedByTheRuleAndNotByANameThatClientsMakeUp() {
    String document =
        "hosts: ['*.v.test']\nrules: [ { to: [ { selector: role=primary } ], wait: 3s } ]";
    RoutingSnapshot world = fleet().virtual("db", document).snapshot();
    for (String host : List.of("a.v.test", "A.v.test:81", "b.v.test")) {
      Plan plan = Scene.plan(planner, world, Scene.plain(), Scene.head("GET", host, "/"), 1);
      assertEquals("db", assertInstanceOf(Plan.Await.class, plan).owner());
    }
  }

  @Test
  void aPlanNamesTheRuleThatDecided() {
    String document =
        "hosts: [v.test]\nrules: [ { name: reads, to: [ { selector: app=hello } ] } ]";
    RoutingSnapshot world = Scene.usual().virtual("db", document).snapshot();
    assertEquals("db/reads", forward(world, "GET", "/").terms().rule());
    RequestHead ofApp = Scene.head("GET", "a.test", "/");
    assertEquals("", forward(world, visitor, ofApp, 1).terms().rule());
  }

  @Test
  void withoutTimeToWaitTheAnswerComesAtOnce() {
    RoutingSnapshot world =
        fleet()
            .virtual("db", "hosts: [v.test]\nrules: [ { to: [ { selector: role=primary } ] } ]")
            .snapshot();
    assertEquals(FaultKind.NO_TARGET, refusal(world, Scene.head("GET", "v.test", "/")));
  }

  @Test
  void whereNoRuleTakesARequestTheAppOfTheHostHasIt() {
    String document =
        "hosts: [v.test, a.test]\n"
            + "rules: [ { match: { path: /x }, to: [ { selector: app=shop } ] } ]";
    RoutingSnapshot world = Scene.usual().virtual("v", document).snapshot();
    assertEquals(List.of("shop-1"), ids(forward(world, "GET", "/x/y")));
    assertEquals(FaultKind.NO_RULE, refusal(world, Scene.head("GET", "v.test", "/xy")));
    RequestHead head = Scene.head("GET", "a.test", "/xy");
    assertEquals(List.of("hello-1", "hello-2"), ids(forward(world, visitor, head, 1)));
  }

  @Test
  void whatTheInstanceReadsIsRewrittenAndEdited() {
    RoutingSnapshot world =
        Scene.usual()
            .virtual(
                "v",
                """
                hosts: [v.test]
                rules:
                  - match: { path: /api }
                    to: [ { selector: app=hello } ]
                    rewrite: { prefix: /v2, host: inner.test }
                    headers:
                      request: { set: { x-env: prod }, add: { x-tag: t }, remove: [cookie] }
                      response: { set: { x-frame-options: DENY }, remove: [x-powered-by] }
                """)
            .snapshot();
    RequestHead head =
        Scene.head("GET", "v.test", "/api/users?q=/api", "cookie", "a=b", "x-env", "mine");
    Plan.Forward forward = forward(world, visitor, head, 1);
    assertEquals("/v2/users?q=/api", forward.head().path().toString());
    assertEquals("inner.test", forward.head().authority().toString());
    Fields fields = forward.head().fields();
    assertEquals("v.test", text(fields, "x-forwarded-host"));
    assertEquals("prod", text(fields, "x-env"));
    assertEquals(1, count(fields, "x-env"));
    assertEquals("t", text(fields, "x-tag"));
    assertNull(text(fields, "cookie"));
    Fields answer = new Fields();
    answer.add("x-powered-by", "php");
    forward.terms().edits().edit(new ResponseHead(200, answer), forward.arrival());
    assertEquals("DENY", text(answer, "x-frame-options"));
    assertNull(text(answer, "x-powered-by"));
  }

  @Test
  void redirectsAreAnsweredHere() {
    RoutingSnapshot world =
        Scene.usual()
            .virtual(
                "v",
                """
                hosts: [v.test]
                rules:
                  - match: { path: /old }
                    redirect: { status: 308, prefix: /new }
                """)
            .snapshot();
    Plan.Answer answer =
        assertInstanceOf(Plan.Answer.class, plan(world, visitor, head("/old/x?y"), 1));
    assertEquals(308, answer.head().status());
    assertEquals("https://v.test/new/x?y", text(answer.head().fields(), "location"));
  }

  @Test
  void aShareIsCopiedAndTheCopySaysSo() {
    RoutingSnapshot world =
        Scene.usual()
            .virtual(
                "v",
                """
                hosts: [v.test]
                rules:
                  - to: [ { selector: app=hello } ]
                    mirror: { to: { selector: app=shop }, share: 10% }
                """)
            .snapshot();
    SplittableRandom random = new SplittableRandom(2);
    int copied = 0;
    for (int i = 0; i < PLANS; i++) {
      RequestHead head = Scene.head("POST", "v.test", "/x", "x-mirrored-by", "liar", "x-a", "b");
      Plan.Forward forward = forward(world, visitor, head, random.nextLong());
      assertNull(text(forward.head().fields(), "x-mirrored-by"));
      for (Terms.Copy copy : forward.terms().copies()) {
        copied++;
        assertEquals("shop-1", copy.candidates().getFirst().instance().id().value());
        assertEquals("anycast", text(copy.head().fields(), "x-mirrored-by"));
        assertEquals("b", text(copy.head().fields(), "x-a"));
        assertEquals("v.test", copy.head().authority().toString());
      }
    }
    assertEquals(0.10, copied / (double) PLANS, 0.015);
    for (int i = 0; i < 100; i++) {
      assertTrue(forward(world, visitor, upgrade(), random.nextLong()).terms().copies().isEmpty());
    }
  }

  @Test
  void theRulesTermsComeBeforeTheServices() {
    ServicePolicy policy = policy(0, ServicePolicy.Affinity.NONE);
    String rule = "hosts: [v.test]\nrules: [ { to: [ { selector: app=hello } ]%s } ]";
    Scene scene = Scene.usual().service("hello", policy, false, 80, 443);
    Terms service = forward(scene.virtual("v", rule.formatted("")).snapshot(), "GET", "/").terms();
    assertEquals(new Plan.Timeouts(30, 40, 20, 10), service.timeouts());
    assertEquals(policy.retry(), service.retry());
    Terms own =
        forward(
                Scene.usual()
                    .service("hello", policy, false, 80, 443)
                    .virtual("v", rule.formatted(", timeout: 2m, wait: 4s, retry: { attempts: 5 }"))
                    .snapshot(),
                "GET",
                "/")
            .terms();
    long twoMinutes = Duration.ofMinutes(2).toNanos();
    assertEquals(new Plan.Timeouts(twoMinutes, 40, twoMinutes, 10), own.timeouts());
    assertEquals(5, own.retry().attempts());
    assertEquals(Duration.ofSeconds(4).toNanos(), own.queueNanos());
  }

  @Test
  void aServiceThatForcesHttpsDoesSoBehindRules() {
    String document = "hosts: [v.test]\nrules: [ { to: [ { selector: app=shop } ] } ]";
    RoutingSnapshot world = Scene.usual().virtual("v", document).snapshot();
    Visitor plain = Scene.plain();
    Plan.Answer answer = assertInstanceOf(Plan.Answer.class, plan(world, plain, head("/a?b"), 1));
    assertEquals("https://v.test/a?b", text(answer.head().fields(), "location"));
    assertEquals(List.of("shop-1"), ids(forward(world, "GET", "/a?b")));
  }

  @Test
  void withoutAPortTheServiceOfTheArrivalsPortIsMeant() {
    String document = "hosts: [v.test]\nrules: [ { to: [ { selector: app=hello } ] } ]";
    RoutingSnapshot world =
        Scene.usual()
            .service("hello", ServicePolicy.USUAL, false, 443)
            .virtual("v", document)
            .snapshot();
    assertEquals(List.of("hello-1", "hello-2"), ids(forward(world, "GET", "/")));
    Plan plain = plan(world, Scene.plain(), head("/"), 1);
    assertEquals(FaultKind.NO_TARGET, assertInstanceOf(Plan.Refuse.class, plain).fault().kind());
  }

  @Test
  void aNamedPortIsServedWhereNoServiceHasItToo() {
    String document = "hosts: [v.test]\nrules: [ { to: [ { selector: app=hello, port: 9999 } ] } ]";
    Plan.Forward forward = forward(Scene.usual().virtual("v", document).snapshot(), "GET", "/");
    assertEquals(9999, forward.candidates().getFirst().service().internalPort());
  }

  @Test
  void affinityHoldsBehindRules() {
    ServicePolicy.Affinity cookie =
        new ServicePolicy.Affinity(ServicePolicy.Affinity.Kind.COOKIE, "sid");
    Scene scene = fleet().service("hello", policy(0, cookie), false, 80, 443);
    for (int i = 0; i < 8; i++) {
      scene.labelled("i-" + i, "hello", "wrk-fra-1", "tier=gold");
    }
    RoutingSnapshot world =
        scene
            .virtual("v", "hosts: [v.test]\nrules: [ { to: [ { selector: tier=gold } ] } ]")
            .snapshot();
    Plan.Forward first = forward(world, visitor, head("/"), 77);
    Fields answer = new Fields();
    first.terms().edits().edit(new ResponseHead(200, answer), first.arrival());
    String set = text(answer, "set-cookie");
    assertTrue(set.startsWith("sid="), set);
    String pair = set.substring(0, set.indexOf(';'));
    for (long random = 0; random < 50; random++) {
      RequestHead again = Scene.head("GET", "v.test", "/", "cookie", pair);
      Plan.Forward forward = forward(world, visitor, again, random);
      assertEquals(ids(first).getFirst(), ids(forward).getFirst());
      Fields none = new Fields();
      forward.terms().edits().edit(new ResponseHead(200, none), forward.arrival());
      assertTrue(none.isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fly-prefer-region,iad,hello-2",
    "fly-force-region,iad,hello-2",
    "fly-force-region,'nrt,iad',hello-2",
    "fly-prefer-region,nrt,hello-1",
    "fly-prefer-instance-id,hello-2,hello-2",
    "fly-force-instance-id,hello-2,hello-2",
    "cookie,fly-force-instance-id=hello-2,hello-2"
  })
  void wishesChooseWithinARule(String name, String value, String instance) {
    String document = "hosts: [v.test]\nrules: [ { to: [ { selector: app=hello } ] } ]";
    RoutingSnapshot world = Scene.usual().virtual("v", document).snapshot();
    RequestHead head = Scene.head("GET", "v.test", "/", name, value);
    assertEquals(instance, ids(forward(world, visitor, head, 1)).getFirst());
    RequestHead app = Scene.head("GET", "a.test", "/", name, value);
    assertEquals(instance, ids(forward(world, visitor, app, 1)).getFirst());
  }

  @Test
  void aPreferredInstanceThatIsNotThereIsNamedToTheApp() {
    RoutingSnapshot world = Scene.usual().snapshot();
    String name = "fly-preferred-instance-unavailable";
    for (String gone : List.of("hello-3", "hello-9")) {
      RequestHead head =
          Scene.head("GET", "a.test", "/", "fly-prefer-instance-id", gone, name, "liar");
      Fields fields = forward(world, visitor, head, 1).head().fields();
      assertEquals(gone, text(fields, name));
      assertEquals(1, count(fields, name));
    }
    RequestHead there = Scene.head("GET", "a.test", "/", "fly-prefer-instance-id", "hello-1");
    assertNull(text(forward(world, visitor, there, 1).head().fields(), name));
  }

  @ParameterizedTest
  @CsvSource({
    "fly-force-region,nrt,WISH_UNMET",
    "fly-force-instance-id,hello-3,WISH_UNMET",
    "fly-force-instance-id,shop-1,WISH_UNMET",
    "cookie,fly-force-instance-id=gone,WISH_UNMET",
    "fly-force-instance-id,a/b,BAD_REQUEST",
    "fly-force-region,a b,BAD_REQUEST"
  })
  void whatIsForcedHappensOrFails(String name, String value, FaultKind kind) {
    String document = "hosts: [v.test]\nrules: [ { to: [ { selector: app=hello } ] } ]";
    RoutingSnapshot world = Scene.usual().virtual("v", document).snapshot();
    assertEquals(kind, refusal(world, Scene.head("GET", "a.test", "/", name, value)));
    assertEquals(kind, refusal(world, Scene.head("GET", "v.test", "/", name, value)));
  }

  @Test
  void saysThatInstancesRunAndAreNotReady() {
    Cordon cordon = new Cordon(new NodeId("wrk-fra-1"), new InstanceId("shop-1"), "maintenance", 1);
    String document = "hosts: [v.test]\nrules: [ { to: [ { selector: app=shop } ] } ]";
    RoutingSnapshot world = Scene.usual().with(cordon).virtual("v", document).snapshot();
    Visitor shop = Scene.tls("shop.test");
    Plan app = plan(world, shop, Scene.head("GET", "shop.test", "/"), 1);
    assertEquals(FaultKind.NOT_READY, assertInstanceOf(Plan.Refuse.class, app).fault().kind());
    assertEquals(FaultKind.NO_TARGET, refusal(world, head("/")));
  }

  @Test
  void aServiceWithAQueueWaitsForAnInstance() {
    long wait = Duration.ofSeconds(2).toNanos();
    RoutingSnapshot world =
        Scene.usual()
            .service("idle", policy(wait, ServicePolicy.Affinity.NONE), false, 80, 443)
            .snapshot();
    Visitor idle = Scene.tls("idle.test");
    Plan plan = plan(world, idle, Scene.head("GET", "idle.test", "/"), 1);
    Plan.Await await = assertInstanceOf(Plan.Await.class, plan);
    assertEquals(wait, await.waitNanos());
    assertEquals(FaultKind.NO_INSTANCE, await.otherwise().kind());
  }

  @Test
  void tenThousandRulesLeadWhereTheyShould() {
    String rules =
        IntStream.range(0, PLANS)
            .mapToObj(i ->
                "  - { match: { path: /r/%d }, to: [ { selector: app=hello } ], rewrite: {"
                        .formatted(i)
                    + " prefix: /x/%d } }\n".formatted(i))
            .collect(Collectors.joining("", "hosts: [v.test]\nrules:\n", ""));
    RoutingSnapshot world = Scene.usual().virtual("v", rules).snapshot();
    for (int i = 0; i < PLANS; i += 97) {
      RequestHead head = head("/r/" + i + "/tail");
      assertEquals("/x/" + i + "/tail", forward(world, visitor, head, 1).head().path().toString());
    }
  }

  @Test
  void theSameMomentGivesTheSamePlan() {
    RoutingSnapshot world =
        Scene.usual()
            .virtual(
                "v",
                "hosts: [v.test]\n"
                    + "rules: [ { to: [ { selector: app=hello }, { selector: app=shop } ], mirror:"
                    + " { to: { selector: app=hello }, share: 50% } } ]")
            .snapshot();
    Map<List<String>, Integer> seen = new HashMap<>();
    for (long random = 0; random < 200; random++) {
      Plan.Forward one = forward(world, visitor, head("/"), random);
      Plan.Forward other = forward(world, visitor, head("/"), random);
      assertEquals(ids(one), ids(other));
      assertEquals(one.terms().copies().size(), other.terms().copies().size());
      seen.merge(ids(one), 1, Integer::sum);
    }
    assertFalse(seen.size() < 2);
  }

  private static Scene fleet() {
    return new Scene()
        .worker("wrk-fra-1", "fra")
        .worker("wrk-iad-1", "iad")
        .app("hello", false, "hello.test");
  }

  private static ServicePolicy policy(long queueNanos, ServicePolicy.Affinity affinity) {
    return new ServicePolicy(
        ServicePolicy.Concurrency.REQUESTS,
        ServicePolicy.Spill.SOFT,
        new ServicePolicy.Balance(0, 0, affinity, ServicePolicy.Outlier.USUAL),
        new ServicePolicy.Queue(queueNanos, 100),
        new ServicePolicy.Retry(2, 7, 20, 10, List.of(503)),
        ServicePolicy.Hedge.NONE,
        new ServicePolicy.Timeouts(10, 20, 30, 40),
        List.of());
  }

  private static RequestHead upgrade() {
    return new RequestHead(
        AsciiString.of("GET"),
        AsciiString.of("https"),
        AsciiString.of("v.test"),
        AsciiString.of("/ws"),
        AsciiString.of("websocket"),
        new Fields());
  }

  private static RequestHead head(String path) {
    return Scene.head("GET", "v.test", path);
  }

  private Plan plan(RoutingSnapshot world, Visitor who, RequestHead head, long random) {
    return Scene.plan(planner, world, who, head, random);
  }

  private Plan.Forward forward(RoutingSnapshot world, String method, String path) {
    return forward(world, visitor, Scene.head(method, "v.test", path), 1);
  }

  private Plan.Forward forward(RoutingSnapshot world, Visitor who, RequestHead head, long random) {
    return assertInstanceOf(Plan.Forward.class, plan(world, who, head, random));
  }

  private FaultKind refusal(RoutingSnapshot world, RequestHead head) {
    return assertInstanceOf(Plan.Refuse.class, plan(world, visitor, head, 1)).fault().kind();
  }

  private static List<String> ids(Plan.Forward forward) {
    return forward.candidates().stream().map(each -> each.instance().id().value()).toList();
  }

  private static String text(Fields fields, String name) {
    return fields.text(AsciiString.of(name));
  }

  private static int count(Fields fields, String name) {
    int count = 0;
    for (int i = 0; i < fields.size(); i++) {
      count += fields.name(i).contentEquals(name) ? 1 : 0;
    }
    return count;
  }
}
