package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.AdminServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class QueriesTest {
  private record Row(String host, String app, String service, List<Integer> ports, int started) {}

  private record Link(int loop, String node, String state, int streams, int rttUs, int ageS) {}

  @TempDir Path directory;
  private final Map<String, Map<String, String>> asked = new ConcurrentHashMap<>();
  private Path socket;
  private AdminServer server;

  @BeforeEach
  void serve() throws Exception {
    socket = directory.resolve("edge.sock");
    server =
        AdminServer.start(
            socket,
            Map.of(
                "/routes", query -> routes(query),
                "/instances", query -> instances(query),
                "/nodes", _ -> Map.of("nodes", List.of(Map.of("id", "wrk-1", "beat_age_ms", 1500))),
                "/links", _ -> Map.of("links", List.of(new Link(1, "wrk-1", "open", 3, 250, 90))),
                "/explain", query -> explain(query),
                "/status", _ -> status(),
                "/metrics", _ -> new AdminAnswer.Text("text/plain", "# HELP a b\na 1.0\n")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void tableHasAlignedColumns() {
    Ctl ctl = Ctl.run("--socket", socket, "routes");

    assertEquals("", ctl.err());
    List<String> lines = ctl.out().lines().toList();
    assertEquals("HOST                 APP    SERVICE  PORTS   INSTANCES  STARTED", lines.get(0));
    assertEquals("hello.test           hello  web      80,443          -        2", lines.get(1));
    assertEquals("*.long.name.example  x      -        -               -       10", lines.get(2));
    assertEquals(0, ctl.exit());
  }

  @Test
  void optionsAreUnderstoodBeforeAndAfterTheCommandAndReachTheProcess() {
    assertEquals(0, Ctl.run("routes", "a b&c=ü", "--socket", socket).exit());
    assertEquals(Map.of("filter", "a b&c=ü"), asked.get("/routes"));
    assertEquals(0, Ctl.run("instances", "--socket", socket, "--app", "hello").exit());
    assertEquals(Map.of("app", "hello"), asked.get("/instances"));
    assertEquals(
        0, Ctl.run("--socket", socket, "explain", "https://h/p?q=1#f", "--method", "POST").exit());
    assertEquals(Map.of("url", "https://h/p?q=1#f", "method", "POST"), asked.get("/explain"));
  }

  @Test
  void jsonIsTheAnswerOnOneLine() {
    Ctl ctl = Ctl.run("--socket", socket, "links", "--json");

    assertEquals(
        "{\"links\":[{\"loop\":1,\"node\":\"wrk-1\",\"state\":\"open\",\"streams\":3,"
            + "\"rtt_us\":250,\"age_s\":90}]}\n",
        ctl.out());
  }

  @Test
  void emptyListSaysSo() {
    assertEquals("(no instances)\n", Ctl.run("--socket", socket, "instances").out());
  }

  @Test
  void instancesShowWhetherTheyGetRequestsWhoWaitsAndWhyNot() {
    Ctl ctl = Ctl.run("--socket", socket, "instances", "--app", "shop");

    assertEquals(
        """
        INSTANCE  APP   NODE   REGION  ADDRESS  PORT  STATE    STANDING  IN FLIGHT  QUEUED  LATENCY\
          GENERATION  WHY
        shop-1    shop  wrk-1  -       -           -  started  ready             2       3    1.3ms\
                   -  -
        shop-2    shop  wrk-1  -       -           -  started  lagging           0       -        -\
                   -  web: 9 s behind
        """,
        ctl.out());
  }

  @Test
  void agesAreShownAsLengths() {
    assertTrue(Ctl.run("--socket", socket, "nodes").out().contains("1.5s"));
  }

  @Test
  void statusNamesReasonsSourcesAndRowsThatWereSkipped() {
    Ctl ctl = Ctl.run("--socket", socket, "status");

    for (String part :
        List.of(
            "edge edge-1 in fra, pid 17, version 0.1.0, up 1h1m\n",
            "NOT READY\n  state is not loaded\n",
            "exchanges: 3 in flight, 20 begun, 1 failed\n",
            "table version 12: 1 apps, 2 services, 3 hostnames",
            "https  127.0.0.1:4443   443  yes\n",
            "hostnames  no  ",
            "rows of state that could not be used:",
            "hostnames  h-1  name is no name\n",
            "labels of instances that could not be used for routing:\n"
                + "  wrk-1/i-3: route.path wants a path\n  and 6 more\n")) {
      assertTrue(
          ctl.out().replaceAll(" {2,}(no) {2,}", "  $1  ").contains(part), part + "\n" + ctl.out());
    }
  }

  @Test
  void explainShowsEachStageAndTheResult() {
    assertEquals(
        """
        https://h/
          ok   route        app hello
          NO   pick         no instance
        => 503 PR01
        """,
        Ctl.run("--socket", socket, "explain", "https://h/").out());
  }

  @Test
  void metricsAreTextAsTheyCame() {
    assertEquals("# HELP a b\na 1.0\n", Ctl.run("metrics", "--socket", socket).out());
  }

  @Test
  void namesCannotSpeakToTheTerminal() {
    Ctl ctl = Ctl.run("--socket", socket, "explain", "https://evil/");

    assertTrue(ctl.out().contains("\\u{1b}[2J\\u{202e}\\u{a}\\u{9b}"), ctl.out());
    assertFalse(ctl.out().chars().anyMatch(c -> c != '\n' && Character.isISOControl(c)));
    Ctl json = Ctl.run("--socket", socket, "explain", "https://evil/", "--json");
    assertTrue(json.out().chars().allMatch(c -> c == '\n' || c >= 0x20 && c < 0x7f), json.out());
  }

  @Test
  void severalSocketsAreAskedAndOneThatIsDeadFailsTheCommandOnly() {
    Path dead = directory.resolve("dead.sock");

    Ctl ctl = Ctl.run("--socket", socket, "--socket", dead, "metrics");

    assertEquals(1, ctl.exit());
    assertTrue(ctl.out().startsWith("== " + socket + "\n# HELP"), ctl.out());
    assertTrue(ctl.err().startsWith("proxyctl: " + dead + " cannot be asked: "), ctl.err());
  }

  @Test
  void faultOfTheProcessIsItsSentence() {
    Ctl ctl = Ctl.run("--socket", socket, "explain", "nonsense");

    assertEquals(1, ctl.exit());
    assertEquals("proxyctl: " + socket + ": url wants http or https\n", ctl.err());
  }

  @Test
  void wrongUsageIsExitCodeTwo() {
    assertEquals(2, Ctl.run().exit());
    assertEquals(2, Ctl.run("routes", "--nonsense").exit());
    assertEquals(2, Ctl.run("explain").exit());
    assertEquals(2, Ctl.run("--timeout", "soon", "status").exit());
    assertEquals(2, Ctl.run("nonsense").exit());
    assertEquals(0, Ctl.run("--help").exit());
    assertEquals(0, Ctl.run("routes", "--help").exit());
    assertTrue(Ctl.run("ca", "issue", "--help").out().contains("--role"));
    assertTrue(Ctl.run("--version").out().startsWith("proxyctl "));
  }

  private Object routes(Map<String, String> query) {
    return note(
        "/routes",
        query,
        Map.of(
            "routes",
            List.of(
                new Row("hello.test", "hello", "web", List.of(80, 443), 2),
                new Row("*.long.name.example", "x", "", List.of(), 10))));
  }

  private Object instances(Map<String, String> query) {
    Map<String, Object> ready =
        Map.of(
            "id",
            "shop-1",
            "app",
            "shop",
            "node",
            "wrk-1",
            "state",
            "started",
            "standing",
            "ready",
            "in_flight",
            2,
            "queued",
            3,
            "latency_us",
            1250);
    Map<String, Object> lagging =
        Map.of(
            "id",
            "shop-2",
            "app",
            "shop",
            "node",
            "wrk-1",
            "state",
            "started",
            "standing",
            "lagging",
            "in_flight",
            0,
            "detail",
            "web: 9 s behind");
    boolean shop = query.get("app").equals("shop");
    return note(
        "/instances", query, Map.of("instances", shop ? List.of(ready, lagging) : List.of()));
  }

  private Object explain(Map<String, String> query) {
    String url = query.get("url");
    if (!url.startsWith("https://")) {
      throw new IllegalArgumentException("url wants http or https");
    }
    String app = url.contains("evil") ? "\u001b[2J\u202e\n\u009b" : "hello";
    return note(
        "/explain",
        query,
        Map.of(
            "url",
            url,
            "stages",
            List.of(
                Map.of("stage", "route", "ok", true, "detail", "app " + app),
                Map.of("stage", "pick", "ok", false, "detail", "no instance")),
            "result",
            "503 PR01"));
  }

  private static Object status() {
    return Map.of(
        "process",
        Map.of(
            "role",
            "edge",
            "node",
            "edge-1",
            "region",
            "fra",
            "pid",
            17,
            "version",
            "0.1.0",
            "uptime_s",
            3700),
        "ready",
        false,
        "reasons",
        List.of("state is not loaded"),
        "listeners",
        List.of(Map.of("name", "https", "address", "127.0.0.1:4443", "port", 443, "tls", true)),
        "table",
        Map.of("version", 12, "apps", 1, "services", 2, "hostnames", 3),
        "sources",
        List.of(Map.of("table", "hostnames", "connected", false, "rows", 3, "skipped", 1)),
        "skipped",
        List.of(Map.of("table", "hostnames", "row", "h-1", "reason", "name is no name")),
        "labels",
        Map.of("instances", 7, "problems", List.of("wrk-1/i-3: route.path wants a path")),
        "exchanges",
        Map.of("in_flight", 3, "total", 20, "failed", 1));
  }

  private Object note(String page, Map<String, String> query, Object answer) {
    asked.put(page, query);
    return answer;
  }
}
