package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Cells;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Certificate;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.table.SnapshotShelf;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The pages about state, of a real follower over a real admin socket.
@Timeout(120)
class FeedPagesTest {
  private static final String CHAIN =
      "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
  private static final String KEY =
      "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RegionCode FRA = new RegionCode("fra");
  private static final NodeId NODE = new NodeId("wrk-1");
  private static final long DEADLINE_SECONDS = 30;

  @TempDir Path directory;
  private final ScriptedState source = new ScriptedState();
  private final SnapshotShelf shelf =
      new SnapshotShelf(new SnapshotShelf.Bounds(16, Long.MAX_VALUE));
  private final BlockingQueue<Long> published = new LinkedBlockingQueue<>();

  /// The follower's thread stands still in publishing while this is above zero.
  private volatile CountDownLatch wedge = new CountDownLatch(0);

  private final CountDownLatch wedged = new CountDownLatch(1);
  private Path socket;
  private RoutingTable table;
  private FeedFollower follower;
  private AdminServer server;

  @BeforeEach
  void start() throws Exception {
    socket = directory.resolve("s");
    SnapshotBuilder builder = new SnapshotBuilder(new Locality(NODE, FRA));
    table = new RoutingTable(builder.empty());
    follower =
        new FeedFollower(
            table,
            builder,
            List.of(new FeedFollower.Named("fra", source)),
            FeedLimits.STANDARD,
            new FeedFollower.Outside(
                Ticker.system(),
                InstantSource.system(),
                new SplittableRandom(1),
                NODE,
                null,
                this::onPublished));
    FeedPages pages = new FeedPages(follower, table, shelf, InstantSource.system());
    Map<String, AdminAnswer> answers = new HashMap<>(pages.pages());
    answers.put("/metrics", FeedMetrics.bind(pages, new Counters(List.of())));
    answers.put("/reasons", _ -> pages.reasons());
    server = AdminServer.start(socket, answers);
  }

  @AfterEach
  void stop() {
    wedge.countDown();
    server.close();
    follower.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET|/diff?a=99&b=now|version 99 is not kept; 1 versions between 1 and 1 are kept",
        "GET|/diff?a=now&b=x%1b|a version is a number or now",
        "GET|/diff?b=now|a version is a number or now",
        "GET|/changes?since=soon|since wants a duration like 250ms, 2s, 5m or 1h",
        "GET|/changes?table=nonsense|there is no table nonsense; there are apps services",
        "GET|/changes?limit=0|limit wants a number from 1 to 10000",
        "GET|/changes?limit=many|limit wants a number from 1 to 10000",
        "POST|/resync?table=nonsense|there is no table nonsense",
        "POST|/resync?source=ams|no such feed; there are fra/apps fra/services",
        "POST|/accept?source=ams|no such feed",
      })
  void wrongQuestionIsAnsweredWithWhatWouldBeRight(String method, String target, String sentence)
      throws Exception {
    source.set(new App(new AppId("a"), 1));
    loaded();

    String answer = AdminClient.say(socket, method + " " + target + " HTTP/1.1\r\nhost: x\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    assertTrue(answer.contains(sentence), answer);
  }

  @Test
  void whatDoesSomethingWantsPost() throws Exception {
    for (String page : List.of("/resync", "/accept")) {
      String answer = AdminClient.get(socket, page);
      assertTrue(answer.startsWith("HTTP/1.1 405 "), answer);
      assertTrue(answer.contains("wants POST"), answer);
    }
    assertTrue(source.resnapshots.isEmpty());
  }

  @Test
  void everyPageAnswersWhileTheFollowerStandsStill() throws Exception {
    source.set(new App(new AppId("a"), 1));
    loaded();
    wedge = new CountDownLatch(1);
    source.put(new App(new AppId("a"), 2));
    assertTrue(wedged.await(DEADLINE_SECONDS, TimeUnit.SECONDS));

    for (String page :
        List.of("/state", "/changes", "/snapshots", "/diff?a=1&b=now", "/audit", "/metrics")) {
      AdminClient.get(socket, page); // Classes are loaded before the clock runs.
      long fastestNanos = Long.MAX_VALUE;
      for (int i = 0; i < 10; i++) {
        long begin = System.nanoTime();
        assertTrue(AdminClient.get(socket, page).startsWith("HTTP/1.1 200 "), page);
        fastestNanos = Math.min(fastestNanos, System.nanoTime() - begin);
      }
      // The best of ten: the machine that runs the tests is shared, and it is a lock that this
      // shall find.
      assertTrue(fastestNanos < TimeUnit.MILLISECONDS.toNanos(100), page + " " + fastestNanos);
    }
    assertTrue(post("/audit").path("running").asBoolean());
    assertEquals(Table.values().length, post("/resync").path("feeds").size());
    assertTrue(get("/audit").path("running").asBoolean(), "it cannot have ended");
  }

  @Test
  void stateTellsOfEachFeedOfLossesAndOfRowsThatCannotBeUsed() throws Exception {
    source.set(new App(new AppId("a"), 1));
    loaded();
    source.say(
        new SourceEvent.Changed(
            Table.HOSTNAMES,
            SourceEvent.Kind.INSERT,
            7,
            new Cells.Values(List.of("NOT LOWER", "a", 1L)),
            1));
    source.say(new SourceEvent.Lost(Table.NODES, "the line broke"));
    JsonNode state =
        until("/state", s -> feed(s, "nodes").path("last_loss").asText().equals("the line broke"));

    assertEquals(1, state.path("version").asLong());
    assertEquals("fresh", state.path("freshness").path("verdict").asText());
    assertEquals("fra", feed(state, "apps").path("source").asText());
    assertEquals("http://agent", feed(state, "apps").path("agent").asText());
    assertTrue(feed(state, "apps").path("connected").asBoolean());
    assertEquals(1, feed(state, "apps").path("rows").asInt());
    assertTrue(feed(state, "apps").path("age_ms").isNumber());
    assertFalse(feed(state, "nodes").path("connected").asBoolean());
    assertEquals(1, feed(state, "hostnames").path("skipped").asInt());
    assertEquals("NOT LOWER", state.path("skipped").get(0).path("row").asText());
    assertTrue(state.path("last_good").isNull());
    assertTrue(state.path("audit").isNull());
    assertEquals("[]", get("/reasons").toString());
  }

  @Test
  void processIsNotReadyBeforeStateIsLoaded() throws Exception {
    assertEquals(
        "the routing table has not been loaded from state yet", get("/reasons").get(0).asText());
  }

  @Test
  void gapIsNamedAmongTheReasonsForANewSnapshot() throws Exception {
    loaded();
    source.say(
        new SourceEvent.Changed(
            Table.APPS, SourceEvent.Kind.INSERT, 1, new Cells.Values(List.of("a", 1L)), 9));
    assertEquals(Table.APPS, source.resnapshots.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));

    JsonNode apps = feed(until("/state", s -> resnapshots(s) == 1), "apps");

    assertEquals(1, apps.path("reasons").size());
    assertTrue(apps.path("reasons").get(0).path("reason").asText().contains("9"), apps.toString());
    assertTrue(
        metric("anycast_feed_resnapshots_total{source=\"fra\",table=\"apps\"} 1.0"), "metrics");
  }

  @Test
  void changesFollowAHostToItsAppInstancesNodesAndCertificate() throws Exception {
    AppId app = new AppId("shop");
    source.set(new App(new AppId("other"), 1));
    source.set(new Hostname("a.other.test", new AppId("other"), 1));
    loaded();
    source.put(new Hostname("*.shop.test", app, 1));
    source.put(service(app));
    source.put(instance("i-1", app, Instance.State.STARTED, 1));
    source.put(new Node(NODE, FRA, Node.Role.WORKER, "h:1", 2));
    source.put(new Certificate("*.shop.test", CHAIN, KEY, 1));
    source.put(new Certificate("shop.test", CHAIN, KEY, 1));
    source.put(new App(new AppId("other"), 2));
    source.put(instance("i-2", new AppId("other"), Instance.State.STARTED, 1));
    source.put(instance("i-1", app, Instance.State.STOPPED, 2));

    JsonNode all = until("/changes?limit=1000", c -> has(c, "instances", "wrk-1/i-1", "stopped"));
    JsonNode ours = get("/changes?host=WWW.shop.test");

    assertTrue(all.path("total").asInt() > ours.path("total").asInt());
    assertEquals(
        List.of(
            "hostnames *.shop.test",
            "services shop/web",
            "instances wrk-1/i-1",
            "nodes wrk-1",
            "certificates *.shop.test",
            "instances wrk-1/i-1"),
        names(ours));
    JsonNode last = ours.path("changes").get(5);
    assertEquals("started", last.path("before").path("state").asText());
    assertEquals("stopped", last.path("after").path("state").asText());
    assertEquals("change", last.path("cause").asText());
    assertFalse(ours.path("complete").asBoolean(), "the process is younger than what was asked");
    assertTrue(get("/changes?since=1ms").path("complete").asBoolean());
    assertEquals(List.of("instances wrk-1/i-1"), names(get("/changes?table=instances&limit=1")));
    assertEquals(List.of(), names(get("/changes?host=nobody.test")));
    assertFalse(all.toString().contains("MAA="), "no certificate and no key is shown");
    assertTrue(all.toString().contains("\"key\":\"sha256:"), all.toString());
  }

  @Test
  void versionsAreListedAndCompared() throws Exception {
    source.set(new App(new AppId("a"), 1));
    source.set(new App(new AppId("b"), 1));
    loaded();
    assertEquals(1, published.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
    source.put(new App(new AppId("a"), 2));
    source.put(new App(new AppId("c"), 1));
    source.remove(new App(new AppId("b"), 1));
    JsonNode diff = until("/diff?a=1&b=now", d -> d.path("total").asInt() == 3);

    assertEquals(
        "[{\"table\":\"apps\",\"came\":1,\"went\":1,\"changed\":1}]",
        diff.path("tables").toString());
    assertEquals(List.of("apps a 1->2", "apps b 1->", "apps c ->1"), rows(diff, "gen"));
    JsonNode snapshots = get("/snapshots");
    long current = snapshots.path("current_version").asLong();
    assertEquals(1, snapshots.path("snapshots").get(0).path("version").asLong());
    assertEquals(2, snapshots.path("snapshots").get(0).path("rows").path("apps").asInt());
    assertTrue(snapshots.path("snapshots").get(0).path("changed").isNull());
    JsonNode cut = get("/diff?a=1&b=" + current + "&limit=1");
    assertTrue(cut.path("cut").asBoolean());
    assertEquals(1, cut.path("rows").size());
    assertEquals(3, cut.path("total").asInt());
    assertEquals(0, get("/diff?a=now&b=now").path("total").asInt());
  }

  @Test
  void resyncAsksTheSourceForTheTablesThatAreNamed() throws Exception {
    loaded();

    JsonNode one = post("/resync?table=nodes&source=fra");

    assertEquals("[{\"source\":\"fra\",\"table\":\"nodes\",\"rows\":null}]", feeds(one));
    assertEquals(Table.NODES, source.resnapshots.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
    assertEquals(Table.values().length, post("/resync").path("feeds").size());
    for (int i = 0; i < Table.values().length; i++) {
      assertTrue(source.resnapshots.poll(DEADLINE_SECONDS, TimeUnit.SECONDS) != null);
    }
  }

  @Test
  void rowsThatASnapshotLacksStayUntilTheyAreAccepted() throws Exception {
    assertEquals(0, post("/accept").path("feeds").size(), "nothing is withheld yet");
    List<App> apps = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      apps.add(new App(new AppId("app-" + i), 1));
    }
    apps.forEach(source::set);
    loaded();
    apps.subList(0, 15).forEach(source::unset);
    source.snapshot(Table.APPS);
    JsonNode kept = until("/state", s -> feed(s, "apps").path("retained").isObject());

    assertEquals(15, feed(kept, "apps").path("retained").path("rows").asInt());
    assertTrue(feed(kept, "apps").path("retained").path("goes_in_ms").isNumber());
    assertEquals(20, table.current().counts().apps());
    assertTrue(metric("anycast_feed_retained_rows{source=\"fra\",table=\"apps\"} 15.0"));
    assertEquals(
        "[{\"source\":\"fra\",\"table\":\"apps\",\"rows\":15}]", feeds(post("/accept?table=apps")));
    until("/changes?table=apps&limit=15", c -> cause(c).equals("operator"));
    assertEquals(5, table.current().counts().apps());
  }

  @Test
  void whatWasReadFromDiskIsNotForAnOperatorToAcceptBeforeASourceHasSpoken() throws Exception {
    follower.preload(List.of(new App(new AppId("a"), 1)), 1);
    follower.start();
    JsonNode kept = until("/state", s -> feed(s, "apps").path("retained").isObject());

    assertTrue(feed(kept, "apps").path("retained").path("goes_in_ms").isNull());
    assertEquals("[]", feeds(post("/accept")));
    assertEquals(1, table.current().counts().apps());
  }

  @Test
  void auditRunsAndReports() throws Exception {
    source.set(new App(new AppId("a"), 1));
    loaded();
    assertTrue(get("/audit").path("last").isNull());
    source.set(new App(new AppId("b"), 1)); // The stream forgot it.

    post("/audit");
    JsonNode audit = until("/audit", a -> !a.path("running").asBoolean());

    assertEquals(1, audit.path("last").path("differences").asInt(), audit.toString());
    assertEquals("b", audit.path("last").path("named").get(0).path("row").asText());
    assertEquals("missing", audit.path("last").path("named").get(0).path("kind").asText());
    assertTrue(metric("anycast_audit_differences_total 1.0"));
    assertTrue(metric("anycast_state_ready 1.0"));
  }

  private void onPublished(RoutingSnapshot snapshot, long atMillis) {
    shelf.offer(snapshot, atMillis);
    published.add(snapshot.version());
    try {
      if (wedge.getCount() > 0) {
        wedged.countDown();
        wedge.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loaded() throws InterruptedException {
    follower.start();
    source.snapshots();
    assertTrue(follower.awaitLoaded(Duration.ofSeconds(DEADLINE_SECONDS)));
  }

  private JsonNode get(String target) throws Exception {
    return ask("GET", target);
  }

  private JsonNode post(String target) throws Exception {
    return ask("POST", target);
  }

  private JsonNode ask(String method, String target) throws Exception {
    String answer = AdminClient.say(socket, method + " " + target + " HTTP/1.1\r\nhost: x\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
  }

  /// Asks until the answer is the one that is waited for: the follower works on its own.
  private JsonNode until(String target, Predicate<JsonNode> wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    JsonNode answer = get(target);
    while (!wanted.test(answer)) {
      assertTrue(System.nanoTime() - end < 0, () -> target + " stays wrong");
      answer = get(target);
    }
    return answer;
  }

  private boolean metric(String line) throws Exception {
    String page = AdminClient.get(socket, "/metrics");
    return page.lines().anyMatch(line::equals);
  }

  private static JsonNode feed(JsonNode state, String table) {
    for (JsonNode feed : state.path("tables")) {
      if (feed.path("table").asText().equals(table)) {
        return feed;
      }
    }
    throw new AssertionError("no " + table + " in " + state);
  }

  private static long resnapshots(JsonNode state) {
    return feed(state, "apps").path("resnapshots").asLong();
  }

  private static String feeds(JsonNode answer) {
    return answer.path("feeds").toString();
  }

  private static String cause(JsonNode changes) {
    JsonNode all = changes.path("changes");
    return all.isEmpty() ? "" : all.get(all.size() - 1).path("cause").asText();
  }

  private static boolean has(JsonNode changes, String table, String key, String state) {
    for (JsonNode change : changes.path("changes")) {
      if (change.path("table").asText().equals(table)
          && change.path("key").asText().equals(key)
          && change.path("after").path("state").asText().equals(state)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> names(JsonNode changes) {
    List<String> names = new ArrayList<>();
    for (JsonNode change : changes.path("changes")) {
      names.add(change.path("table").asText() + " " + change.path("key").asText());
    }
    return names;
  }

  private static List<String> rows(JsonNode diff, String column) {
    List<String> rows = new ArrayList<>();
    for (JsonNode row : diff.path("rows")) {
      rows.add(
          row.path("table").asText()
              + " "
              + row.path("key").asText()
              + " "
              + row.path("before").path(column).asText()
              + "->"
              + row.path("after").path(column).asText());
    }
    return rows;
  }

  private static Service service(AppId app) {
    return new Service(app, "web", List.of(443), 8080, Service.AppProtocol.HTTP1, false, 0, 0, 1);
  }

  private static Instance instance(String id, AppId app, Instance.State state, long generation) {
    return new Instance(
        new InstanceId(id), app, NODE, FRA, "127.0.0.1", 8080, state, Map.of(), generation);
  }
}
