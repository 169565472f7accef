package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.worker.WorkerMain;
import anycast.routing.ChildJvm;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.sqlite.StoreProcess;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The commands about state, asked of a worker process that follows a store's process.
@Timeout(240)
class StateOfWorkerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Ticker CLOCK = Ticker.system();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path directory;
  private static StoreProcess store;
  private static Process worker;
  private static StateClient state;
  private static Path socket;

  @BeforeAll
  static void start() throws Exception {
    store = StoreProcess.serving(directory, directory.resolve("state.db"));
    state = store.client();
    PrivateCa ca = PrivateCa.init(directory, InstantSource.system());
    ca.issue(Node.Role.WORKER, new NodeId("wrk-1"), Duration.ofDays(1))
        .write(directory, "wrk-1", ca.certificateFile());
    socket = directory.resolve("wrk.sock");
    Path config =
        Files.writeString(
            directory.resolve("wrk.yaml"),
            """
            node: wrk-1
            region: fra
            state: { urls: ["%s"] }
            backhaul: { listen: "127.0.0.1:0", advertise: "" }
            identity: { ca: ca.pem, certificate: wrk-1.pem, key: wrk-1.key }
            admin: { socket: wrk.sock }
            ready_file: wrk.json
            instances:
              - { id: i-1, app: shop, address: 127.0.0.1, port: 9 }
            """
                .formatted(store.uri()));
    Path log = directory.resolve("wrk.log");
    worker = ChildJvm.start(log, ChildJvm.quick(WorkerMain.class, "--config", config));
    ChildJvm.awaitFile(worker, directory.resolve("wrk.json"), log);
  }

  @AfterAll
  static void stop() throws Exception {
    if (state != null) {
      state.close();
    }
    if (worker != null) {
      worker.destroyForcibly().waitFor();
    }
    if (store != null) {
      store.close();
    }
  }

  @Test
  void wrongQuestionsAreAnsweredWithWhatWouldBeRight() {
    assertFails("version 4711 is not kept; ", "diff", "4711");
    assertFails("a version is a number or now, not 'x'; ", "diff", "x", "now");
    assertFails(
        "there is no table nonsense; there are apps services", "changes", "--table", "nonsense");
    assertFails("since wants a duration like", "changes", "--since", "soon");
    assertFails("there is no table nonsense", "resync", "nonsense");
    assertFails("no such feed; there are state/apps", "accept", "--source", "nowhere");
    assertFails("ask an edge", "explain", "https://a.test/", "--at", "1");
  }

  private static String pem(String label) {
    return "-----BEGIN %s-----\nMAA=\n-----END %s-----\n".formatted(label, label);
  }

  @Test
  void operatorSeesWhatChangedWhenAndWhatWasThereBefore() throws Exception {
    long before = json("snapshots").path("current_version").asLong();
    write(new Hostname("a.shop.test", new AppId("shop"), 1));
    write(new Certificate("a.shop.test", pem("CERTIFICATE"), pem("PRIVATE KEY"), 1));
    write(new App(new AppId("other"), 1));

    until(c -> c.path("total").asInt() >= 2, "changes", "--host", "a.shop.test");
    Ctl changes = run("changes", "--host", "a.shop.test", "--since", "1h");
    assertEquals(0, changes.exit(), changes.err());
    assertTrue(
        changes.out().contains("a.shop.test  came: name a.shop.test, app shop, gen 1\n"),
        changes.out());
    assertTrue(changes.out().contains("key sha256:"), changes.out());
    assertFalse(changes.out().contains("MAA="), changes.out());
    assertFalse(changes.out().contains("other"), changes.out());

    until(d -> d.path("total").asInt() >= 3, "diff", Long.toString(before));
    Ctl diff = run("diff", before, "now");
    assertTrue(diff.out().startsWith("from version " + before + " to "), diff.out());
    assertTrue(diff.out().contains("hostnames"), diff.out());
    assertTrue(run("snapshots").out().contains("in force: version "));
  }

  @Test
  void stateNamesEveryFeedAndItsRowThatCannotBeUsed() throws Exception {
    state.transact(
        List.of(Statement.of("INSERT INTO hostnames (name, app, gen) VALUES ('BAD', 'shop', 1)")));
    until(s -> s.path("skipped").size() == 1, "state");

    Ctl shown = run("state");
    assertEquals(0, shown.exit(), shown.err());
    for (String part :
        List.of(
            "state is fresh, ",
            "instances",
            "app_regions",
            "wrk-1",
            "BAD",
            "last-good: none is kept, a start waits for its sources",
            "audit: ")) {
      assertTrue(shown.out().contains(part), part + "\nnot in\n" + shown.out());
    }
    Ctl status = run("status");
    assertTrue(status.out().contains("\nready\n"), status.out());
    assertFalse(status.out().contains("retained"), status.out());
    assertTrue(run("metrics").out().contains("anycast_feed_skipped_rows{source=\"state\",table="));
  }

  @Test
  void snapshotIsTakenAnewAndNothingIsWithheld() throws Exception {
    assertTrue(run("resync", "nodes").out().contains("  state   nodes\n"));
    until(StateOfWorkerTest::resnapshotOfNodes, "state");
    assertTrue(run("state").out().contains(" ago, state/nodes: an operator asked for it\n"));
    assertEquals("no rows are retained\n", run("accept").out());
  }

  @Test
  void auditReadsEveryTableAndFindsNoDifference() {
    Ctl audit = run("audit", "--wait");

    assertEquals(0, audit.exit(), audit.err());
    assertTrue(audit.out().startsWith("audit: "), audit.out());
    assertTrue(audit.out().contains(", no difference in 10 tables\n"), audit.out());
    assertFalse(audit.out().contains("was not compared"), audit.out());
  }

  private static boolean resnapshotOfNodes(JsonNode answer) {
    for (JsonNode feed : answer.path("tables")) {
      if (feed.path("table").asText().equals("nodes")) {
        return feed.path("resnapshots").asInt() > 0 && feed.path("connected").asBoolean();
      }
    }
    return false;
  }

  private static void write(Entity row) throws Exception {
    state.transact(List.of(Statement.put(row, 0)));
  }

  private static Ctl run(Object... command) {
    List<Object> all = new ArrayList<>(List.of("--socket", socket, "--timeout", "20s"));
    all.addAll(List.of(command));
    return Ctl.run(all.toArray());
  }

  private static JsonNode json(Object... command) throws IOException {
    List<Object> all = new ArrayList<>(List.of(command));
    all.add("--json");
    Ctl ctl = run(all.toArray());
    assertEquals(0, ctl.exit(), ctl.err());
    return JSON.readTree(ctl.out());
  }

  private static void assertFails(String sentence, Object... command) {
    Ctl ctl = run(command);
    assertEquals(1, ctl.exit(), ctl.out());
    assertTrue(ctl.err().contains(sentence), sentence + "\nnot in\n" + ctl.err());
  }

  /// Asks until the answer is the one that is waited for: rows take their time.
  private static void until(Predicate<JsonNode> wanted, Object... command) throws IOException {
    long endNanos = CLOCK.nanos() + PATIENCE.toNanos();
    JsonNode answer = json(command);
    while (!wanted.test(answer)) {
      JsonNode last = answer;
      assertTrue(CLOCK.nanos() - endNanos < 0, () -> "stays wrong: " + last);
      answer = json(command);
    }
  }
}
