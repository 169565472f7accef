package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.AdminServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the operator sees of state, over a real admin socket.
@Timeout(60)
class StateCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private final Map<String, Map<String, String>> asked = new ConcurrentHashMap<>();
  private final Map<String, AdminAnswer> answers = new HashMap<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private Path socket;
  private AdminServer server;

  @BeforeEach
  void prepare() {
    socket = directory.resolve("edge.sock");
  }

  @AfterEach
  void stop() {
    release.countDown();
    if (server != null) {
      server.close();
    }
  }

  @Test
  void sentenceOfTheProcessIsTheErrorAndNothingElseIsShown() throws Exception {
    for (String page : List.of("/changes", "/diff", "POST /resync", "POST /accept", "/explain")) {
      answers.put(
          page,
          _ -> {
            throw new IllegalArgumentException("there is no such thing; there are others");
          });
    }
    serve();

    for (List<String> command :
        List.of(
            List.of("changes", "--since", "soon"),
            List.of("diff", "9"),
            List.of("resync", "nonsense"),
            List.of("accept", "nonsense"),
            List.of("explain", "https://a/", "--at", "9"))) {
      Ctl ctl = run(command.toArray());
      assertEquals(1, ctl.exit(), command.toString());
      assertEquals("", ctl.out(), command.toString());
      assertEquals(
          "proxyctl: " + socket + ": there is no such thing; there are others\n", ctl.err());
    }
  }

  @Test
  void processThatDoesNotAnswerIsAnErrorAfterTheDeadline() throws Exception {
    for (String page :
        List.of("/state", "/changes", "/snapshots", "/diff", "POST /audit", "POST /resync")) {
      answers.put(
          page,
          _ -> {
            release.await();
            return Map.of();
          });
    }
    serve();

    for (List<String> command :
        List.of(List.of("state"), List.of("diff", "1", "2"), List.of("audit", "--wait"))) {
      Ctl ctl = run("--timeout", "200ms", command.getFirst(), rest(command));
      assertEquals(1, ctl.exit());
      assertEquals(
          "proxyctl: "
              + socket
              + " did not answer within 200ms: its process is stopped or stuck; proxyctl flight"
              + " tells what it works on\n",
          ctl.err());
    }
  }

  @Test
  void processThatLacksThePageIsCalledOlder() throws Exception {
    serve();

    Ctl ctl = run("changes");

    assertEquals(1, ctl.exit());
    assertEquals(
        "proxyctl: "
            + socket
            + " does not know changes: it is older than this tool, or a supervisor, which answers"
            + " proxyctl services only\n",
        ctl.err());
  }

  @Test
  void stateShowsFeedsTroublesAndWhatToDo() throws Exception {
    answer(
        "/state",
        """
        {"version":12,"freshness":{"ready":true,"verdict":"fresh","age_ms":400},
         "sources":[{"source":"fra","beat_age_ms":300,"reopened":1}],
         "tables":[
          {"source":"fra","table":"instances","agent":"http://a:1","connected":false,
           "watermark":7,"age_ms":1500,"rows":30,"skipped":1,"resnapshots":2,
           "retained":{"rows":17,"why":"the snapshot would take 57 %","age_ms":12000,
                       "goes_in_ms":48000},
           "reasons":[{"age_ms":60000,"reason":"change 9 came where 8 was due"}],
           "last_loss":"end of stream"},
          {"source":"fra","table":"apps","connected":true,"watermark":3,"rows":2,"skipped":0,
           "retained":{"rows":2,"why":"read from disk","age_ms":9000,"goes_in_ms":null},
           "resnapshots":0,"reasons":[],"last_loss":""}],
         "skipped":[{"source":"fra","table":"instances","row":"n/i","reason":"port wants a number",
                     "previous_serves":true}],
         "origins":[{"source":"fra","node":"wrk-1","seq":9,"age_ms":300,"told_age_ms":200}],
         "last_good":{"saved_at_ms":1,"age_ms":180000,"entities":120,"serves":true},
         "on_disk":{"kept":true,"saved_age_ms":75000,"status":{
           "begun":{"which":"older","problems":["table-7.good is torn"]},
           "saved":{"generation":3,"version":12,"entities":32},
           "failures":2,"last_failure":"no space left"}},
         "audit":null}
        """);
    serve();

    Ctl ctl = run("state");

    assertEquals("", ctl.err());
    for (String part :
        List.of(
            "version 12, state is fresh, 400ms old, 1 of 2 feeds is lost\n",
            "  fra         300ms         1\n",
            "lost: fra/instances: end of stream\n",
            "retained: rows in force that their source has not confirmed:\n",
            "  fra     instances    17  12s    48s  the snapshot would take 57 %\n",
            "  fra     apps          2   9s      -  read from disk; the feed's first snapshot"
                + " decides\n",
            "at once: proxyctl accept TABLE --source SOURCE\n",
            "snapshots taken anew:\n  1m0s ago, fra/instances: change 9 came where 8 was due\n",
            "  fra     instances  n/i  yes              port wants a number\n",
            "  wrk-1  fra        9      300ms              200ms\n",
            "last-good: 120 rows were read from disk, saved 3m0s ago; no source has confirmed all",
            "last-good: found at the start: table-7.good is torn\n",
            "last-good: version 12, the one in force, is on disk, 32 rows, saved 1m15s ago\n",
            "last-good: 2 savings failed; the last one: no space left\n",
            "audit: none has ended yet\n")) {
      assertTrue(ctl.out().contains(part), part + "\nnot in\n" + ctl.out());
    }
  }

  @Test
  void whatHappensToSeveralTablesForOneReasonIsToldOnce() throws Exception {
    String feed =
        """
        {"source":"%s","table":"%s","connected":false,"last_loss":"http://a:1: cannot connect",
         "reasons":[{"age_ms":%d,"reason":"no subscription 0b1f72aa-745b-420b-b38e-a7b897d65d%s"},
                    {"age_ms":%d,"reason":"an operator asked for it"}]}
        """;
    answer(
        "/state",
        """
        {"version":1,"freshness":{"ready":true,"verdict":"fresh","age_ms":15000},
         "tables":[%s,%s,%s]}
        """
            .formatted(
                feed.formatted("fra", "apps", 90_000, "24", 4000),
                feed.formatted("fra", "nodes", 92_000, "25", 40_000),
                feed.formatted("iad", "instances", 91_000, "26", 5000)));
    serve();

    Ctl ctl = run("state");

    assertTrue(ctl.out().startsWith("version 1, state is fresh, 15s old, 3 of 3 feeds are lost\n"));
    assertTrue(
        ctl.out()
            .contains(
                """
                lost: all 2 tables of fra: http://a:1: cannot connect
                lost: iad/instances: http://a:1: cannot connect
                snapshots taken anew:
                  4s ago, fra/apps: an operator asked for it
                  5s ago, iad/instances: an operator asked for it
                  40s ago, fra/nodes: an operator asked for it
                  1m30s ago, all 2 tables of fra: no subscription ?
                  1m31s ago, iad/instances: no subscription ?
                """),
        ctl.out());
  }

  @Test
  void stateThatIsBehindSaysWhoIsFresher() throws Exception {
    answer(
        "/state",
        """
        {"version":12,"freshness":{"ready":false,"verdict":"behind","age_ms":45000,
         "peer":"edge-2","peer_age_ms":3000}}
        """);
    serve();

    assertTrue(
        run("state").out().startsWith("version 12, NOT READY: state is 45s old, edge-2 has it 3s"));
  }

  @Test
  void changesShowCellsThatDifferAndSayWhatIsForgotten() throws Exception {
    answer(
        "/changes",
        """
        {"complete_since_ms":1700000000000,"complete":false,"total":9,"cut":true,"changes":[
         {"at_ms":1700000001500,"version":4,"cause":"change","table":"instances","key":"n/i",
          "before":{"node":"n","id":"i","state":"started","gen":3},
          "after":{"node":"n","id":"i","state":"stopped","gen":4}},
         {"at_ms":1700000002000,"version":5,"cause":"snapshot","table":"hostnames","key":"h",
          "before":null,"after":{"name":"h","app":"a","gen":1}},
         {"at_ms":1700000003000,"version":6,"cause":"operator","table":"apps","key":"a",
          "before":{"name":"a","gen":1},"after":null}]}
        """);
    serve();

    Ctl ctl = run("changes", "--since", "1h", "--host", "h", "--table", "apps", "--limit", "3");

    assertEquals(
        Map.of("since", "1h", "host", "h", "table", "apps", "limit", "3"), asked.get("/changes"));
    assertEquals(
        """
        changes before 2023-11-14T22:13:20Z are not known
        the newest 3 of 9 changes:
        TIME                  VERSION  CAUSE     TABLE      ROW  CHANGE
        2023-11-14T22:13:21Z        4  change    instances  n/i  state started -> stopped, gen 3 -> 4
        2023-11-14T22:13:22Z        5  snapshot  hostnames  h    came: name h, app a, gen 1
        2023-11-14T22:13:23Z        6  operator  apps       a    went: name a, gen 1
        """,
        ctl.out());
  }

  @Test
  void snapshotsAndDifferencesAreTables() throws Exception {
    answer(
        "/snapshots",
        """
        {"current_version":9,"snapshots":[{"version":8,"at_ms":1700000000000,"age_ms":90000,
         "rows":{"apps":1,"hostnames":2,"instances":3,"nodes":4,"certificates":5},"changed":null},
         {"version":9,"at_ms":1700000060000,"age_ms":30000,
         "rows":{"apps":1,"hostnames":2,"instances":3,"nodes":4,"certificates":5},"changed":1}]}
        """);
    answer(
        "/diff",
        """
        {"a":8,"b":9,"tables":[{"table":"apps","came":0,"went":0,"changed":1}],"total":1,
         "cut":false,"rows":[{"table":"apps","key":"x","before":{"name":"x","gen":1},
         "after":{"name":"x","gen":2}}]}
        """);
    serve();

    assertEquals(
        """
        VERSION  TIME                    AGE  CHANGED  APPS  HOSTNAMES  INSTANCES  NODES  CERTIFICATES
              8  2023-11-14T22:13:20Z  1m30s        -  1     2          3          4      5
              9  2023-11-14T22:14:20Z    30s        1  1     2          3          4      5
        in force: version 9
        """,
        run("snapshots").out());
    assertEquals(
        """
        from version 8 to 9: 1 rows differ
          TABLE  CAME  WENT  CHANGED
          apps      0     0        1
        TABLE  ROW  CHANGE
        apps   x    gen 1 -> 2
        """,
        run("diff", "8").out());
    assertEquals(Map.of("a", "8", "b", "now", "limit", "200"), asked.get("/diff"));
  }

  @Test
  void explainAsksForTheVersion() throws Exception {
    answer("/explain", "{\"url\":\"https://a/\",\"stages\":[],\"result\":\"404\"}");
    serve();

    assertEquals(0, run("explain", "https://a/", "--at", "17").exit());
    assertEquals("17", asked.get("/explain").get("at"));
  }

  @Test
  void resyncAndAcceptArePostedAndSayWhatTheyDid() throws Exception {
    answer("POST /resync", "{\"feeds\":[{\"source\":\"fra\",\"table\":\"apps\"}]}");
    answer("POST /accept", "{\"feeds\":[{\"source\":\"fra\",\"table\":\"apps\",\"rows\":17}]}");
    serve();

    assertTrue(run("resync", "apps", "--source", "fra").out().endsWith("  fra     apps\n"));
    assertEquals(Map.of("table", "apps", "source", "fra"), asked.get("POST /resync"));
    assertTrue(run("accept").out().endsWith("  fra     apps     17\n"));
    assertEquals(Map.of("table", "", "source", ""), asked.get("POST /accept"));
  }

  @Test
  void acceptOfNothingSaysSo() throws Exception {
    answer("POST /accept", "{\"feeds\":[]}");
    serve();

    assertEquals("no rows are retained\n", run("accept").out());
  }

  @Test
  void auditIsBegunAndOnDemandWaitedFor() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    answer("POST /audit", "{\"running\":true,\"last\":null}");
    answers.put(
        "/audit",
        _ ->
            looks.incrementAndGet() < 3
                ? json("{\"running\":true,\"last\":null}")
                : json(
                    """
                    {"running":false,"last":{"at_ms":1,"age_ms":5,"took_ms":40,"differences":1,
                     "tables":[{"source":"fra","table":"apps","not_compared":"","rows":3,
                     "missing":0,"ghosts":1,"different":0,"repaired":1,"resnapshot":false},
                     {"source":"fra","table":"nodes","not_compared":"no connection","rows":0}],
                     "named":[{"source":"fra","table":"apps","where":"table","kind":"ghost",
                     "row":"gone"}]}}
                    """));
    serve();

    assertTrue(run("audit").out().startsWith("an audit has begun;"));
    assertEquals(0, looks.get());
    Ctl ctl = run("audit", "--wait");
    assertEquals(3, looks.get());
    for (String part :
        List.of(
            "audit: 5ms ago, took 40ms, 1 difference in 1 tables\n",
            "  fra/nodes was not compared: no connection\n",
            "  fra     apps   gone  ghost  table\n")) {
      assertTrue(ctl.out().contains(part), part + "\nnot in\n" + ctl.out());
    }
  }

  @Test
  void auditThatDoesNotEndIsAnErrorAfterItsTime() throws Exception {
    answer("POST /audit", "{\"running\":true,\"last\":null}");
    answer("/audit", "{\"running\":true,\"last\":null}");
    serve();

    Ctl ctl = run("audit", "--wait", "300ms");

    assertEquals(1, ctl.exit());
    assertTrue(
        ctl.err().startsWith("proxyctl: " + socket + ": the audit has not ended within 300ms;"),
        ctl.err());
  }

  @Test
  void statusIsSilentAboutStateThatIsWellAndTellsWhatIsNot() throws Exception {
    AtomicInteger bad = new AtomicInteger();
    answers.put(
        "/status",
        _ ->
            json(
                bad.getAndIncrement() == 0
                    ? """
                    {"ready":true,"state":{"freshness":{"verdict":"fresh","age_ms":1},"retained":0,
                     "last_good":{"serves":false},"audit":{"differences":0,"age_ms":1}}}
                    """
                    : """
                    {"ready":true,"state":{"freshness":{"verdict":"stale","age_ms":45000},
                     "retained":17,"last_good":{"serves":true,"age_ms":60000,"entities":5},
                     "audit":{"differences":2,"age_ms":1000}}}
                    """));
    serve();

    String well = run("status").out();
    for (String word : List.of("state is", "retained", "last-good", "audit")) {
      assertFalse(well.contains(word), well);
    }
    String ill = run("status").out();
    assertTrue(
        ill.contains(
            """
            state is 45s old, and no peer is known to be fresher
            retained: 17 rows that no stream vouches for, see proxyctl state
            last-good: serves 5 rows from disk, saved 1m0s ago, that no source has confirmed yet
            last audit: 1s ago, 2 differences, see proxyctl state
            """),
        ill);
  }

  @Test
  void rowsCannotSpeakToTheTerminal() throws Exception {
    answer(
        "/changes",
        """
        {"complete":true,"changes":[{"at_ms":1,"version":1,"cause":"change","table":"apps",
         "key":"\\u001b[2J","before":null,"after":{"name":"\\u202e\\n"}}]}
        """);
    serve();

    String out = run("changes").out();
    assertFalse(out.chars().anyMatch(c -> c != '\n' && Character.isISOControl(c)), out);
    assertEquals(2, out.lines().count(), out);
  }

  private void answer(String page, String json) {
    answers.put(
        page,
        query -> {
          asked.put(page, query);
          return json(json);
        });
  }

  private static JsonNode json(String text) throws Exception {
    return JSON.readTree(text);
  }

  private void serve() throws Exception {
    server = AdminServer.start(socket, answers);
  }

  private Ctl run(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("--socket", socket));
    for (Object one : arguments) {
      if (one instanceof List<?> more) {
        all.addAll(more);
      } else {
        all.add(one);
      }
    }
    return Ctl.run(all.toArray());
  }

  private static List<String> rest(List<String> command) {
    return command.subList(1, command.size());
  }
}
