package anycast.routing.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.ServicePolicy.Retry;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.HeaderEdits.Field;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Mirror;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rewrite;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What documents say, and what is said of those that say nothing.
final class DocumentReaderTest {
  private static final long SECOND = 1_000_000_000L;

  private static final String WHOLE =
      """
      hosts: [shop.demo.test, "*.shop.demo.test"]
      rules:
        - name: writes
          match:
            path: { prefix: /api }
            methods: [POST, PUT]
            headers: { X-Canary: "1", x-tenant: { present: true } }
            query: { v: 2, w: { present: false } }
            cookies: { beta: { starts_with: "y" }, gamma: { equals: z } }
            port: 443
          to:
            - { selector: "app=shop, role=primary", port: 8080, weight: 95, regions: [iad, fra] }
            - selector: app=shop
          fallback: [ { selector: "*" } ]
          rewrite: { prefix: /, host: inner.test }
          headers:
            request: { set: { X-Env: prod }, add: { x-more: "a b" }, remove: [X-Secret] }
            response: { remove: [server] }
          timeout: 5s
          wait: 500ms
          retry: { attempts: 4, per_try: 1s, budget: 25%, per_second: 7, statuses: [503, 502] }
          mirror: { to: { selector: "app=shadow", port: 81 }, share: 0.5% }
        - match: { path: { template: "/users/{id}" } }
          redirect: { status: 308, scheme: https, host: h.test, port: 443, path: /x }
        - match: { path: /old }
          redirect: { prefix: /new }
        - match: { path: { exact: /health } }
          to: [ { selector: app=shop } ]
      """;

  @Test
  void readsAllThatADocumentCanSay() {
    DocumentRead.Valid read = valid(WHOLE);
    assertEquals(List.of(), read.warnings());
    RuleSet rules = read.rules();
    assertEquals(List.of("shop.demo.test", "*.shop.demo.test"), rules.hosts());
    assertEquals(
        new Rule(
            "writes",
            new Match(
                new PathMatch.Prefix("/api"),
                Set.of("POST", "PUT"),
                List.of(
                    new Condition("x-canary", Condition.Test.EQUALS, "1"),
                    new Condition("x-tenant", Condition.Test.PRESENT, "")),
                List.of(
                    new Condition("v", Condition.Test.EQUALS, "2"),
                    new Condition("w", Condition.Test.ABSENT, "")),
                List.of(
                    new Condition("beta", Condition.Test.STARTS_WITH, "y"),
                    new Condition("gamma", Condition.Test.EQUALS, "z")),
                443),
            new Action.Forward(
                List.of(
                    target("app=shop,region in (fra,iad),role=primary", 8080, 95),
                    target("app=shop", 0, 100)),
                List.of(target("*", 0, 100)),
                new Rewrite("/", "inner.test"),
                new HeaderEdits(
                    List.of("x-secret"),
                    List.of(new Field("x-env", "prod")),
                    List.of(new Field("x-more", "a b"))),
                new HeaderEdits(List.of("server"), List.of(), List.of()),
                new Terms(5 * SECOND, SECOND / 2, new Retry(4, SECOND, 25, 7, List.of(502, 503))),
                new Mirror(target("app=shadow", 81, 100), 5_000))),
        rules.rules().get(0));
    assertEquals(
        new Rule(
            "rule-2",
            new Match(
                new PathMatch.Template("/users/{id}"),
                Set.of(),
                List.of(),
                List.of(),
                List.of(),
                0),
            new Action.Redirect(308, "https", "h.test", 443, "/x", false)),
        rules.rules().get(1));
    assertEquals(new Action.Redirect(302, "", "", 0, "/new", true), rules.rules().get(2).action());
    assertEquals(new PathMatch.Prefix("/old"), rules.rules().get(2).match().path());
    assertEquals(new PathMatch.Exact("/health"), rules.rules().get(3).match().path());
  }

  @Test
  void whatIsLeftOutIsAsTheServiceHasIt() {
    Rule rule =
        valid("{hosts: [a.test], rules: [{to: [{selector: app=a}]}]}").rules().rules().get(0);
    assertEquals(Match.ALL, rule.match());
    assertEquals("rule-1", rule.name());
    var forward = assertInstanceOf(Action.Forward.class, rule.action());
    assertEquals(Terms.OF_SERVICE, forward.terms());
    assertEquals(HeaderEdits.NONE, forward.request());
    assertEquals(null, forward.rewrite());
    assertEquals(null, forward.mirror());
  }

  @Test
  void saysEverythingThatIsWrongAtOnce() {
    assertProblems(
        """
        hosts: [Shop.test, "*", a.test, a.test]
        rules:
          - name: "a b"
            match:
              path: { prefix: /api, exact: /api }
              methds: [GET]
              methods: [get]
              port: 70000
            to:
              - { selector: "app=shop, , x", weight: -1 }
              - { port: 80 }
            timeout: 5
            retry: { attempts: 0, budget: 20 }
          - redirect: { status: 200 }
            wait: 1s
          - {}
        extra: 1
        """,
        "1:9 hosts[0]: hosts are lower case; write shop.test",
        "1:20 hosts[1]: wants a host such as shop.example.com or *.example.com",
        "1:33 hosts[3]: stands here twice",
        "3:11 rules[0].name: wants 1 to 63 letters",
        "5:13 rules[0].match.path: wants one of exact, prefix, template",
        "6:7 rules[0].match.methds: is not known here; is 'methods' meant?",
        "7:17 rules[0].match.methods[0]: methods are upper case; write GET",
        "8:13 rules[0].match.port: wants a whole number from 1 to 65535, not 70000",
        "10:21 rules[0].to[0].selector: at character 11 of the selector: expected a label's name,",
        "10:46 rules[0].to[0].weight: wants a whole number from 0 to 1000000, not -1",
        "11:9 rules[0].to[1]: wants `selector:`; write selector: \"*\" for every instance",
        "12:14 rules[0].timeout: wants a duration such as 500ms, 5s or 2m, not 5",
        "13:24 rules[0].retry.attempts: wants a whole number from 1 to 8, not 0",
        "13:35 rules[0].retry.budget: wants a share from 0% to 100%, such as 10% or 0.5%, not 20",
        "14:15 rules[1].redirect: leads where it came from; wants one of scheme,",
        "14:25 rules[1].redirect.status: wants a whole number from 301 to 308, not 200",
        "15:11 rules[1].wait: goes with `to:`; a redirect has no use for it",
        "16:5 rules[2]: wants `to:` with targets, or `redirect:`",
        "17:1 extra: is not known here; known are hosts, rules");
  }

  @Test
  void aWeightThatIsNoNumberIsToldOnce() {
    assertProblems(
        "{hosts: [a.test], rules: [{to: [{selector: app=a, weight: lots}]}]}\n",
        "1:59 rules[0].to[0].weight: wants a whole number from 0 to 1000000, not lots");
    assertProblem(
        "has no target with a weight above 0",
        "{hosts: [a.test], rules: [{to: [{selector: app=a, weight: 0}]}]}");
  }

  @Test
  void refusesWhatYamlCanDoBesides() {
    assertProblem("is empty", "");
    assertProblem("is empty", "# nothing\n");
    assertProblem("wants `hosts:` and `rules:`, not nothing", "---\n");
    assertProblem("wants `hosts:` and `rules:`, not a list", "[]");
    assertProblem("wants both `hosts:` and `rules:`", "{}");
    assertProblem("a second document begins", "a: 1\n---\nb: 2\n");
    assertProblem("line 1, column 4: anchors (&name)", "a: &x [1]\nb: 2\n");
    assertProblem("line 1, column 4: aliases (*name)", "a: *x\n");
    assertProblem("line 1, column 4: tags (!name)", "a: !!java.net.URL [http://x]\n");
    assertProblem("line 1, column 4: tags (!name)", "a: !x y\n");
    assertProblem("line 1, column 3: a key wants to be a word", "? [a, b]\n: 1\n");
    assertProblem("line 1, column 19: the key 'a' stands here twice", "{hosts: [], a: 1, a: 2}");
    assertProblem("nests deeper than 20", "a: " + "[".repeat(100) + "]".repeat(100));
    assertProblem("nests deeper than 20", "a: " + "[".repeat(100_000));
    assertProblem("is not YAML: ", "a: [1\nb: 2");
    assertProblem("is not YAML: ", "a:\n\tb: 2");
    assertProblem("is not YAML: ", "a: \u0000");
    assertProblem("is not YAML: ", "a: \u0007");
    assertProblem("line 1, column 1: is not YAML, after this place", "a: \"\\UFFFFFFFF\"");
    assertProblem("has half of a surrogate pair", "a: \"/\\uD800\"");
    assertProblem("is not known here", "\"\\uD83D\\uDE00\": 1");
    assertProblem("has more than 4194304 characters", " ".repeat((4 << 20) + 1));
    assertProblem("has more than 500000 values", "a: [" + "x,".repeat(600_000) + "]");
  }

  @Test
  void aBillionLaughsAreNotUnfolded() {
    StringBuilder lol = new StringBuilder("a0: &a0 [lol, lol]\n");
    for (int i = 1; i < 40; i++) {
      lol.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertProblem("anchors (&name)", lol.toString());
  }

  @Test
  void namesAHundredProblemsAndCountsTheRest() {
    String hosts = IntStream.range(0, 150).mapToObj(i -> "A" + i).collect(Collectors.joining(","));
    List<Problem> problems = invalid("hosts: [" + hosts + "]\nrules: []\n");
    assertEquals(101, problems.size());
    assertEquals("and 51 more problems", problems.getLast().message());
  }

  @Test
  void pathsAreCanonical() {
    assertPath("is not canonical; write /a/b", "{ exact: /a/./b }");
    assertPath("is not canonical; write /%C3%A4", "{ prefix: /ä }");
    assertPath("the path does not begin with /", "{ exact: a }");
    assertPath("the path does not begin with /", "{ exact: '*' }");
    assertPath("is empty; write / for all paths", "''");
    assertPath("has a query", "'/a?b=c'");
    assertPath("the path has a control character, a space or a #", "'/a b'");
    assertPath("two hex digits", "/a%zz");
    assertPath("the path leads above its root", "/..");
    assertPath("braces take a whole segment", "{ template: '/a{b}' }");
    assertPath("braces take a whole segment", "{ template: '/{a-b}' }");
    assertPath("has {a} twice", "{ template: '/{a}/{a}' }");
    assertPath("has no {name}; write exact: /a", "{ template: /a }");
    assertPath("is not canonical; write", "{ prefix: '/{a}' }");
    assertPath("wants a path such as /api, not a list", "{ exact: [] }");
    assertPath("wants a path such as /api, or { exact: /api }, not a list", "[]");
    assertPath("has more than 64 segments", "{ template: '" + "/a".repeat(64) + "/{b}' }");
    assertPath("has more than 2048 characters", "/" + "a".repeat(2048));
  }

  @Test
  void warnsOfWhatCanHardlyBeMeant() {
    String text =
        """
        hosts: [a.test]
        rules:
          - match: { path: /a/ }
            to: [ { selector: "a=b,a=c" } ]
          - match: { path: { exact: "/x;y" } }
            to: [ { selector: a, regions: [fra] }, { selector: region=iad, regions: [fra] } ]
          - match: { path: "//x", methods: [GET, GET] }
            to: [ { selector: a } ]
            timeout: 1s
            retry: { per_try: 2s }
        """;
    DocumentRead.Valid read = valid(text);
    assertEquals(
        List.of(
            "3:20 is read as /a: a prefix ends at a segment anyway",
            "4:11 matches nothing: no value of 'a' satisfies all that is required of it",
            "5:29 never matches where the path policy is the usual one: the path has a ;",
            "6:44 matches nothing: no value of 'region' satisfies all that is required of it",
            "7:20 never matches where the path policy is the usual one, which makes it /x",
            "7:42 stands here twice",
            "10:12 has a per_try longer than the rule's timeout"),
        read.warnings().stream()
            .map(w -> w.line() + ":" + w.column() + " " + w.message())
            .toList());
    assertEquals(new PathMatch.Prefix("/a"), read.rules().rules().get(0).match().path());
  }

  @Test
  void headersThatOnlyProxiesWriteAreNotEdited() {
    for (String name :
        List.of(
            "Connection",
            "content-length",
            "Transfer-Encoding",
            "te",
            "fly-region",
            "x-anycast-port",
            "via",
            "X-Forwarded-For")) {
      assertRule(
          "is written by proxies only", "headers: { request: { set: { " + name + ": a } } }");
      assertRule("is written by proxies only", "headers: { response: { remove: [" + name + "] } }");
    }
    assertRule("is changed by `rewrite:", "headers: { request: { add: { Host: a } } }");
    assertRule("is not a header's name", "headers: { request: { add: { 'a b': a } } }");
    assertRule("is not a header's name", "headers: { request: { remove: ['a:'] } }");
    assertRule("printable ASCII", "headers: { request: { add: { a: \"b\\r\\nc: d\" } } }");
    assertRule("printable ASCII", "headers: { request: { add: { a: \"b\\0\" } } }");
    assertRule("printable ASCII", "headers: { request: { add: { a: 'ä' } } }");
    assertRule("stands here twice", "headers: { request: { set: { a: b, A: c } } }");
    assertRule("is said by `hosts:`", "match: { headers: { host: a } }");
    assertRule("is internal", "match: { headers: { x-anycast-a: a } }");
    assertRule("is not a cookie's name", "match: { cookies: { 'a;': a } }");
    assertRule("write present: true", "match: { query: { a: { starts_with: '' } } }");
    assertRule("wants one of equals,", "match: { query: { a: { equals: b, present: true } } }");
    assertRule("wants true or false", "match: { query: { a: { present: 'true' } } }");
  }

  @Test
  void partsOfARuleMustFitEachOther() {
    assertRule(
        "matches a path by prefix", "match: { path: { exact: /a } }\n    rewrite: { prefix: /b }");
    assertRule("has both `to:` and `redirect:`", "redirect: { host: a.test }");
    assertWhole("has no target with a weight above 0", "to: [ { selector: a, weight: 0 } ]");
    assertWhole("wants at least one target", "to: []");
    assertRule("wants `prefix:` or `host:`", "rewrite: {}");
    assertRule("wants `to:` with a selector", "mirror: { share: 5% }");
    assertRule("is not known here", "mirror: { to: { selector: a, weight: 5 } }");
    assertRule("wants a share", "mirror: { to: { selector: a }, share: 0.00001% }");
    assertRule("wants a share", "mirror: { to: { selector: a }, share: 101% }");
    assertRule("wants whole percents", "retry: { budget: 0.5% }");
    assertRule("wants a whole number from 400 to 599", "retry: { statuses: [200] }");
    assertRule("wants 1ms to 3600s, not 61m", "timeout: 61m");
    assertRule("wants 1ms to 300s, not 0s", "wait: 0s");
    assertRule("wants a duration", "wait: 1.5s");
    assertRule("wants a duration such as 500ms, 5s or 2m, not nothing", "wait:");
    assertRule("write [...]", "fallback: { selector: a }");
    assertRule("wants 1 to 63 letters", "name: ''");
    assertProblem(
        "another rule has the name 'rule-2', too",
        """
        hosts: [a.test]
        rules:
          - { name: rule-2, to: [ { selector: a } ] }
          - { to: [ { selector: a } ] }
        """);
  }

  @Test
  void tenThousandRulesAreRead() {
    StringBuilder text = new StringBuilder("hosts: [a.test]\nrules:\n");
    for (int i = 0; i < 10_000; i++) {
      text.append("  - match: { path: /tenant-").append(i).append(", methods: [GET] }\n");
      text.append("    to: [ { selector: \"app=shop, tenant=t").append(i).append("\" } ]\n");
    }
    assertEquals(10_000, valid(text.toString()).rules().rules().size());
  }

  @Test
  void aRowIsToldTheFirstProblemOnOneLine() {
    assertEquals(4, DocumentReader.rules(WHOLE).rules().size());
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> DocumentReader.rules("hosts: [A]\nrules: 5\n"));
    assertEquals(
        "line 1, column 9: hosts[0]: hosts are lower case; write a (and 1 more)", e.getMessage());
  }

  private static Target target(String selector, int port, int weight) {
    return new Target(LabelSelector.parse(selector), port, weight);
  }

  private static DocumentRead.Valid valid(String text) {
    return assertInstanceOf(
        DocumentRead.Valid.class, DocumentReader.read(text), () -> DocumentReader.read(text) + "");
  }

  private static List<Problem> invalid(String text) {
    return assertInstanceOf(DocumentRead.Invalid.class, DocumentReader.read(text)).problems();
  }

  private static void assertProblem(String wanted, String text) {
    List<Problem> problems = invalid(text);
    assertTrue(
        problems.stream().anyMatch(p -> p.text().contains(wanted)), () -> wanted + ": " + problems);
  }

  private static void assertPath(String wanted, String path) {
    assertRule(wanted, "match: { path: " + path + " }");
  }

  private static void assertRule(String wanted, String lines) {
    assertWhole(wanted, "to: [ { selector: a } ]\n    " + lines);
  }

  /// @param lines the rule, the first line without indent
  private static void assertWhole(String wanted, String lines) {
    assertProblem(wanted, "hosts: [a.test]\nrules:\n  - " + lines + "\n");
  }

  private static void assertProblems(String text, String... wanted) {
    List<String> found =
        invalid(text).stream()
            .map(p -> p.line() + ":" + p.column() + " " + p.path() + ": " + p.message())
            .toList();
    assertEquals(wanted.length, found.size(), () -> String.join("\n", found));
    for (int i = 0; i < wanted.length; i++) {
      assertTrue(found.get(i).startsWith(wanted[i]), found.get(i) + "\nwanted " + wanted[i]);
    }
  }
}
