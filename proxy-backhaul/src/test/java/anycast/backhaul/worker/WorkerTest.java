package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.link.BackhaulConnector;
import anycast.backhaul.runtime.AdminClient;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import anycast.routing.ChildJvm;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.sqlite.StoreProcess;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A whole worker against a real state store.
@Timeout(120)
class WorkerTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  @TempDir Path directory;
  private final EventLoops loops = EventLoops.start("edge", Transport.AUTO, 1);
  private final Chain.Fleet fleet = new Chain.Fleet(Chain.EDGE);
  private StoreProcess store;
  private StateClient state;
  private BackhaulConnector connector;
  private PrivateCa ca;

  @BeforeEach
  void start() throws Exception {
    store = StoreProcess.serving(directory, directory.resolve("state.db"));
    state = store.client();
    ca = Chain.ca(directory);
    Identity edge = Chain.identity(ca, directory, Node.Role.EDGE, Chain.EDGE);
    Chain.identity(ca, directory, Node.Role.WORKER, Chain.WORKER);
    connector = new BackhaulConnector(loops, edge, fleet.table, new Counters(loops.loops()));
    write("INSERT INTO apps (name, gen) VALUES ('hello', 1)");
    write(
        "INSERT INTO services (app, id, ports, internal_port, protocol, gen)"
            + " VALUES ('hello', 'web', '[443]', 8080, 'http1', 1)");
  }

  @AfterEach
  void stop() throws Exception {
    state.close();
    store.close();
    loops.stop(Duration.ofSeconds(5));
  }

  private void write(String sql) throws Exception {
    state.transact(List.of(Statement.of(sql)));
  }

  private List<List<Object>> query(String sql) throws Exception {
    return state.query(Statement.of(sql));
  }

  private Path config(String instances) throws IOException {
    Path file = directory.resolve("worker.yaml");
    Files.writeString(
        file,
        """
        node: wrk-fra-1
        region: fra
        state: { urls: ["%s"] }
        backhaul: { listen: "127.0.0.1:0", advertise: "" }
        identity: { ca: %s, certificate: wrk-fra-1.pem, key: wrk-fra-1.key }
        admin: { socket: wrk.sock }
        ready_file: wrk.json
        runtime: { event_loops: 1 }
        watchdog: { action: log }
        instances:
        %s
        """
            .formatted(store.uri(), ca.certificateFile(), instances));
    return file;
  }

  private Worker worker(String instances) throws Exception {
    Worker worker = Worker.start(WorkerConfig.read(config(instances)));
    worker.awaitReady();
    return worker;
  }

  private static String hello(int port) {
    return "  - { id: hello-1, app: hello, address: 127.0.0.1, port: " + port + " }\n";
  }

  private Call get(Worker worker) {
    fleet.put(
        new Node(
            Chain.WORKER,
            new RegionCode("fra"),
            Node.Role.WORKER,
            worker.bound().toString(),
            System.nanoTime()));
    Candidate candidate =
        new Candidate(
            Chain.instance(0, Instance.State.STARTED),
            Chain.service(AppProtocol.HTTP1, 0),
            fleet.table.current().node(Chain.WORKER),
            new Load());
    return Call.open(loops.loops().getFirst(), connector, candidate, Call.get("/"), true);
  }

  @Test
  void servesWhatItPublishes() throws Exception {
    try (RawApp app = RawApp.answering(HELLO);
        Worker worker = worker(hello(app.port()))) {
      assertEquals("hello", get(worker).body());
      assertEquals(
          List.of(List.of("worker", worker.bound().toString())),
          query("SELECT role, backhaul FROM nodes WHERE id = 'wrk-fra-1'"));
      assertEquals(
          List.of(List.of("hello", "fra", "127.0.0.1", (long) app.port(), "started")),
          query(
              "SELECT app, region, address, port, state FROM instances WHERE node = 'wrk-fra-1'"));
      assertEquals(1, query("SELECT seq FROM beats WHERE node = 'wrk-fra-1'").size());
      JsonNode ready = new ObjectMapper().readTree(directory.resolve("wrk.json").toFile());
      assertEquals(worker.bound().toString(), ready.at("/addresses/backhaul").asText());
    }
  }

  @Test
  void instanceStoppedInStateIsRefusedAtOnceAndStaysStoppedOverARestart() throws Exception {
    try (RawApp app = RawApp.answering(HELLO)) {
      try (Worker worker = worker(hello(app.port()))) {
        assertEquals("hello", get(worker).body());

        write("UPDATE instances SET state = 'stopped', gen = gen + 1 WHERE id = 'hello-1'");

        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Call call = get(worker);
        while (call.succeeded() && System.nanoTime() < deadlineNanos) {
          call = get(worker);
        }
        assertEquals(FaultKind.NOT_RUNNING, call.fault().kind());
        String told = AdminClient.get(directory.resolve("wrk.sock"), "/explain-last?id=01TEST-fra");
        assertTrue(told.contains("\"code\":\"PM08\""), told);
      }
      int other = app.port() - 1;
      try (Worker again = worker(hello(other))) {
        assertEquals(FaultKind.NOT_RUNNING, get(again).fault().kind());
        assertEquals(
            List.of(List.of((long) other, "stopped")),
            query("SELECT port, state FROM instances WHERE id = 'hello-1'"));
      }
    }
  }

  @Test
  void rowsThatSayTheSameAreNotWrittenAgain() throws Exception {
    try (RawApp app = RawApp.answering(HELLO)) {
      worker(hello(app.port())).close();
      List<List<Object>> before = query("SELECT gen, updated_ms FROM instances");
      worker(hello(app.port())).close();

      assertEquals(before, query("SELECT gen, updated_ms FROM instances"));
    }
  }

  @Test
  void instanceThatLeftTheConfigurationLeavesState() throws Exception {
    String two = hello(9101) + "  - { id: hello-2, app: hello, address: 127.0.0.1, port: 9102 }\n";
    worker(two).close();
    assertEquals(2, query("SELECT id FROM instances").size());

    worker(hello(9101)).close();

    assertEquals(List.of(List.of("hello-1")), query("SELECT id FROM instances"));
  }

  @Test
  void drainWithdrawsTheNodeAndFinishesWhatIsInFlight() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (RawApp app =
            RawApp.start(connection -> {
              connection.readHead();
              asked.countDown();
              go.await();
              connection.write(HELLO);
            });
        Worker worker = worker(hello(app.port()))) {
      Call inFlight = get(worker);
      assertTrue(asked.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));
      Thread draining =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  worker.drain();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      while (!query("SELECT id FROM nodes WHERE id = 'wrk-fra-1'").isEmpty()) {
        assertFalse(draining.join(Duration.ofMillis(10)), "over with a request in flight");
      }
      go.countDown();

      assertEquals("hello", inFlight.body());
      assertTrue(draining.join(Duration.ofSeconds(20)));
    }
  }

  @Test
  void configurationTellsAllProblemsAtOnce() throws Exception {
    Path file = directory.resolve("bad.yaml");
    Files.writeString(
        file,
        """
        node: "wrk fra"
        regoin: fra
        state: { urls: ["ftp://x"] }
        backhaul: { listen: "0.0.0.0:0" }
        identity: { ca: missing.pem, certificate: wrk-fra-1.pem, key: wrk-fra-1.key }
        admin: { socket: wrk.sock }
        instances:
          - { id: a, app: hello, address: 127.0.0.1, port: 70000 }
          - { id: a, app: hello, address: 127.0.0.1, port: 1 }
        """);

    ConfigProblems problems = assertThrows(ConfigProblems.class, () -> WorkerConfig.read(file));

    String text = problems.getMessage();
    for (String part :
        List.of(
            ":1:", "regoin", "http://127", "listen", "missing.pem", "port", "another instance's")) {
      assertTrue(text.contains(part), () -> part + " is not in\n" + text);
    }
  }

  @Test
  void processExitsWith2ForWrongConfigurationAnd1ForPortInUse() throws Exception {
    Path log = directory.resolve("worker.log");
    Path bad = Files.writeString(directory.resolve("empty.yaml"), "node: a\n");
    ChildJvm.Ended wrong = ChildJvm.run(log, ChildJvm.quick(WorkerMain.class, "--config", bad));
    assertEquals(2, wrong.code(), wrong::said);

    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Path config = config(hello(1));
      Files.writeString(
          config,
          Files.readString(config).replace("127.0.0.1:0", "127.0.0.1:" + taken.getLocalPort()));
      ChildJvm.Ended busy = ChildJvm.run(log, ChildJvm.quick(WorkerMain.class, "--config", config));
      assertEquals(1, busy.code(), busy::said);
      assertTrue(busy.said().contains("cannot listen on"), busy::said);
    }
  }

  @Test
  void processExitsWith1WhereItsTransportDoesNotRun() throws Exception {
    Path log = directory.resolve("worker.log");
    Path config = config(hello(1));
    Files.writeString(
        config,
        Files.readString(config).replace("event_loops: 1", "event_loops: 1, transport: epoll"));
    List<String> flags = List.of("-Dio.netty.transport.noNative=true");
    ChildJvm.Ended worker =
        ChildJvm.run(log, ChildJvm.command(flags, WorkerMain.class, "--config", config));
    assertEquals(1, worker.code(), worker::said);
    assertTrue(
        worker.said().contains("worker cannot run: transport epoll does not run here"),
        worker::said);
  }

  @Test
  void processStopsInOrderOnSigterm() throws Exception {
    Path log = directory.resolve("worker.log");
    Process process =
        ChildJvm.start(log, ChildJvm.quick(WorkerMain.class, "--config", config(hello(1))));
    ChildJvm.awaitFile(process, directory.resolve("wrk.json"), log);
    assertEquals(1, query("SELECT id FROM nodes WHERE id = 'wrk-fra-1'").size());

    process.destroy();

    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(log));
    assertEquals(0, query("SELECT id FROM nodes WHERE id = 'wrk-fra-1'").size());
  }
}
