package anycast.routing.review;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.document.DocumentRead;
import anycast.routing.document.DocumentReader;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.review.RuleReview.Sampled;
import anycast.routing.table.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleReviewTest {
  private static final Locality SELF = new Locality(new NodeId("edge"), new RegionCode("fra"));
  private static final AppId SHOP = new AppId("shop");

  private final List<Entity> rows =
      new ArrayList<>(
          List.of(
              new App(SHOP, 1),
              new Service(
                  SHOP, "web", List.of(443), 8080, Service.AppProtocol.HTTP1, false, 10, 20, 1),
              new Hostname("shop.test", SHOP, 1),
              new Node(new NodeId("w1"), new RegionCode("fra"), Node.Role.WORKER, "10.0.0.1:1", 1),
              instance("i1", Map.of("tier", "gold"))));

  @Test
  void nothingIsFoundInNothing() {
    RuleReview review = RuleReview.of(SELF, rows, List.of());
    assertEquals(List.of(), review.found());
    assertEquals(List.of(), review.samples());
    assertTrue(review.complete());
  }

  @Test
  void samplesTellWhereRequestsGoBeforeAndAfter() {
    rows.add(
        service(
            "old",
            """
            hosts: [shop.test, "*.shop.test"]
            rules:
              - name: all
                to: [ { selector: app=shop } ]
              - name: api
                match: { path: { prefix: /api } }
                to: [ { selector: "tier=gold", port: 8080 } ]
            """));
    RuleReview review =
        review(
            "new",
            """
            hosts: [shop.test]
            rules:
              - name: users
                match:
                  path: { template: "/api/{id}" }
                  methods: [POST]
                  headers: { x-canary: "1" }
                  query: { v: "2" }
                  cookies: { beta: { starts_with: y } }
                redirect: { status: 308, path: /elsewhere }
            """);
    assertEquals(
        new Sampled(
            "POST https://shop.test/api/id?v=2 x-canary: 1 cookie beta=y",
            "old/api: tier=gold port 8080 (1 instance)",
            "new/users: redirect 308 to /elsewhere",
            true),
        review.samples().getFirst());
    assertEquals(
        List.of(
            "GET https://any.shop.test/api",
            "GET https://any.shop.test/",
            "GET https://shop.test/api",
            "GET https://shop.test/"),
        review.samples().stream().skip(1).map(Sampled::request).toList());
    assertFalse(review.samples().get(1).differs());
  }

  @Test
  void hostsWithoutCertificateAreToldWhereOthersHaveOne() {
    String text = "{hosts: [new.test, '*.shop.test'], rules: [{to: [{selector: app=shop}]}]}";
    assertEquals(List.of(), review("new", text).found());

    rows.add(new Certificate("*.shop.test", "pem", "pem", 1));
    assertEquals(
        List.of("new.test has no certificate: clients who ask for it over TLS are refused"),
        review("new", text).found().stream().map(found -> found.finding().sentence()).toList());
  }

  @Test
  void whatLabelsMakeHasItsInstances() {
    rows.add(instance("i2", Map.of("route.host", "labels.test")));
    RuleReview review = RuleReview.of(SELF, rows, List.of());
    assertEquals(List.of(), review.found());
    assertTrue(review.samples().getFirst().after().endsWith("(1 instance)"));
  }

  @Test
  void sharesOfSeveralTargetsAreTold() {
    RuleReview review =
        review(
            "new",
            """
            hosts: [new.test]
            rules:
              - name: r
                to:
                  - { selector: "app=shop, !canary", weight: 95 }
                  - { selector: "app=shop, canary", weight: 5 }
            """);
    assertEquals(
        "new/r: 95.0% to app=shop,!canary (1 instance), 5.00% to app=shop,canary (0 instances)",
        review.samples().getFirst().after());
  }

  @Test
  void aRemovedServiceLeavesItsRequestsToTheApp() {
    rows.add(
        service(
            "old",
            "hosts: [shop.test, new.test]\n"
                + "rules: [ { name: r, to: [ { selector: app=shop } ] } ]"));
    RuleReview review =
        RuleReview.of(SELF, rows, List.of(new Change.Remove(new Entity.VirtualServiceKey("old"))));
    assertEquals(
        List.of(
            new Sampled(
                "GET https://new.test/",
                "old/r: app=shop (1 instance)",
                "nobody has the host",
                true),
            new Sampled(
                "GET https://shop.test/", "old/r: app=shop (1 instance)", "app shop", true)),
        review.samples());
  }

  @Test
  void samplesAreTwentyAtMostAndTheDifferentOnesComeFirst() {
    rows.add(service("a", many("/a")));
    RuleReview review = review("b", many("/a").replace("/a29", "/b").replace("/a28", "/c"));
    assertEquals(20, review.samples().size());
    assertTrue(review.samples().stream().limit(2).allMatch(Sampled::differs));
    assertTrue(review.samples().stream().skip(2).noneMatch(Sampled::differs));
  }

  @Test
  void namesRulesOfTwoServicesThatTakeTheSameRequests() {
    rows.add(service("a", rule("one", "match: { path: { prefix: /x }, headers: { h: v } }")));
    RuleReview review =
        review(
            "b",
            rule("two", "match: { path: { prefix: /x/ }, headers: { i: { present: true } } }"));
    assertTrue(
        finds(
            review,
            new Finding.Overlap(new RuleName("a", "one"), new RuleName("b", "two"), "vs.test")));
    assertTrue(
        finds(
            review,
            new Finding.SharedHost("vs.test", List.of("virtual service a", "virtual service b"))));
    // The same header cannot be both.
    assertTrue(
        review("b", rule("two", "match: { path: { prefix: /x }, headers: { h: w } }"))
            .found()
            .stream()
            .noneMatch(found -> found.finding() instanceof Finding.Overlap));
    // The more specific one is followed, whatever they are called.
    assertTrue(
        review("b", rule("two", "match: { path: { prefix: /x } }")).found().stream()
            .noneMatch(found -> found.finding() instanceof Finding.Overlap));
  }

  @Test
  void namesRulesThatNoRequestFollows() {
    rows.add(
        service(
            "a", rule("one", "match: { path: { template: \"/x/{a}\" }, methods: [GET, PUT] }")));
    RuleReview review =
        review("b", rule("two", "match: { path: { template: \"/x/{b}\" }, methods: [GET] }"));
    assertTrue(
        finds(review, new Finding.Unreachable(new RuleName("b", "two"), new RuleName("a", "one"))));
    // On another host of its own it is followed.
    RuleReview elsewhere =
        review(
            "b",
            rule("two", "match: { path: { template: \"/x/{b}\" }, methods: [GET] }")
                .replace("[vs.test]", "[vs.test, other.test]"));
    assertTrue(
        elsewhere.found().stream()
            .noneMatch(found -> found.finding() instanceof Finding.Unreachable));
    // POST is not taken by the other.
    RuleReview more =
        review("b", rule("two", "match: { path: { template: \"/x/{b}\" }, methods: [GET, POST] }"));
    assertTrue(
        more.found().stream().noneMatch(found -> found.finding() instanceof Finding.Unreachable));
  }

  @Test
  void namesSelectorsThatMatchNobodyAndHostsThatAnAppHas() {
    RuleReview review =
        review(
            "a",
            """
            hosts: [shop.test]
            rules:
              - name: r
                to: [ { selector: "app=shop,tier=gold" } ]
                fallback: [ { selector: "app=shop,tier=silver" } ]
            """);
    assertEquals(
        List.of(
            new Finding.SharedHost("shop.test", List.of("app shop", "virtual service a")),
            new Finding.NoInstance(new RuleName("a", "r"), "app=shop,tier=silver")),
        review.found().stream().map(RuleReview.Found::finding).toList());
    assertEquals(
        "a/r: no instance matches app=shop,tier=silver",
        review.found().getLast().finding().sentence());
  }

  @Test
  void namesHostsWhoseRulesCostMuch() {
    StringBuilder document = new StringBuilder("hosts: [vs.test]\nrules:\n");
    for (int i = 0; i < 300; i++) {
      document
          .append(
              "  - { name: r%d, match: { headers: { x-%d: { present: true } } },".formatted(i, i))
          .append(" to: [ { selector: app=shop } ] }\n");
    }
    RuleReview review = review("a", document.toString());
    assertInstanceOf(Finding.CostlyHost.class, review.found().getFirst().finding());
  }

  @Test
  void whatWasFoundBeforeIsNotNew() {
    rows.add(service("a", rule("one", "match: { path: /x }").replace("app=shop", "app=nobody")));
    RuleReview review =
        review("b", rule("two", "match: { path: /y }").replace("app=shop", "app=nobody"));
    assertEquals(
        List.of(
            new RuleReview.Found(
                new Finding.NoInstance(new RuleName("b", "two"), "app=nobody"), true),
            new RuleReview.Found(
                new Finding.NoInstance(new RuleName("a", "one"), "app=nobody"), false)),
        review.found().stream()
            .filter(found -> found.finding() instanceof Finding.NoInstance)
            .toList());
  }

  @Test
  void servicesMadeByLabelsAreReviewedToo() {
    rows.add(instance("i2", Map.of("route.host", "labels.test", "route.path", "/x")));
    RuleReview review =
        review("vs", rule("r", "match: { path: /x }").replace("vs.test", "labels.test"));
    assertTrue(
        review.found().stream().anyMatch(found -> found.finding() instanceof Finding.Overlap),
        review.found().toString());
  }

  private static boolean finds(RuleReview review, Finding finding) {
    return review.found().contains(new RuleReview.Found(finding, true));
  }

  private RuleReview review(String name, String document) {
    return RuleReview.of(SELF, rows, List.of(new Change.Put(service(name, document))));
  }

  private static String rule(String name, String match) {
    return "hosts: [vs.test]\nrules: [ { name: "
        + name
        + ", "
        + match
        + ", to: [ { selector: app=shop } ] } ]\n";
  }

  private static String many(String path) {
    StringBuilder document = new StringBuilder("hosts: [vs.test]\nrules:\n");
    for (int i = 0; i < 30; i++) {
      document.append(
          "  - { name: r%d, match: { path: %s%d }, to: [ { selector: app=shop } ] }\n"
              .formatted(i, path, i));
    }
    return document.toString();
  }

  private static VirtualService service(String name, String document) {
    DocumentRead.Valid read =
        assertInstanceOf(DocumentRead.Valid.class, DocumentReader.read(document));
    return new VirtualService(name, document, 1, read.rules());
  }

  private static Instance instance(String id, Map<String, String> labels) {
    return new Instance(
        new InstanceId(id),
        SHOP,
        new NodeId("w1"),
        new RegionCode("fra"),
        "127.0.0.1",
        8080,
        Instance.State.STARTED,
        labels,
        1);
  }
}
