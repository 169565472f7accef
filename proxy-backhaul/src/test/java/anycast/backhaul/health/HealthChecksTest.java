package anycast.backhaul.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.Counters;
import anycast.backhaul.worker.RawApp;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.HealthCheck;
import anycast.routing.model.HealthCheck.Http;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.pick.Locality;
import anycast.routing.pick.Standing;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The checks of a host's instances, against a real app whose answer changes.
@Timeout(120)
class HealthChecksTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String BROKEN = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
  private static final NodeId NODE = new NodeId("wrk-1");
  private static final RegionCode FRA = new RegionCode("fra");
  private static final AppId APP = new AppId("shop");
  private static final InstanceId ONE = new InstanceId("one");

  private final SnapshotBuilder builder = new SnapshotBuilder(new Locality(NODE, FRA));
  private final RoutingTable table = new RoutingTable(builder.empty());
  private final AtomicReference<String> answer = new AtomicReference<>(OK);
  private final List<List<InstanceHealth>> written = new CopyOnWriteArrayList<>();
  private final List<HealthChecks> open = new ArrayList<>();
  private RawApp app;

  @BeforeEach
  void start() throws Exception {
    app =
        RawApp.start(connection -> {
          connection.readHead();
          connection.write(answer.get());
        });
  }

  @AfterEach
  void stop() {
    open.forEach(HealthChecks::close);
    app.close();
  }

  private void put(Entity... entities) {
    List<Change> changes = new ArrayList<>();
    Arrays.stream(entities).forEach(entity -> changes.add(new Change.Put(entity)));
    table.publish(builder.apply(table.current(), new Delta(changes)));
  }

  private static HealthCheck check(int port, int rise, int fall) {
    Http http = new Http("GET", "/", Map.of(), false, "", true, Set.of(), null);
    return new HealthCheck(
        port, http, TimeUnit.MILLISECONDS.toNanos(20), TimeUnit.SECONDS.toNanos(10), 0, rise, fall);
  }

  private static Service service(String id, HealthCheck... checks) {
    ServicePolicy usual = ServicePolicy.USUAL;
    ServicePolicy policy =
        new ServicePolicy(
            usual.concurrency(),
            usual.spill(),
            usual.balance(),
            usual.queue(),
            usual.retry(),
            usual.hedge(),
            usual.timeouts(),
            List.of(checks));
    return new Service(
        APP, id, List.of(80), 8080, Service.AppProtocol.HTTP1, false, 0, 0, 1, policy);
  }

  private Instance instance(Instance.State state) {
    return new Instance(ONE, APP, NODE, FRA, "127.0.0.1", app.port(), state, Map.of(), 1);
  }

  private HealthChecks checks() {
    HealthChecks made =
        new HealthChecks(
            table,
            NODE,
            List.of(ONE),
            new HealthChecks.Outside(
                written::add,
                new Counters(List.of()).shared(),
                Ticker.system(),
                InstantSource.system()));
    open.add(made);
    made.start();
    return made;
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - deadline < 0, "in time");
      Thread.onSpinWait();
    }
  }

  private Standing standing(HealthChecks checks) {
    return checks.standing(table.current().instance(ONE));
  }

  private InstanceHealth lastRow() {
    return written.isEmpty() || written.getLast().isEmpty() ? null : written.getLast().getFirst();
  }

  private boolean isWritten(InstanceHealth.Status status) {
    InstanceHealth row = lastRow();
    return row != null && row.status() == status;
  }

  @Test
  void anInstanceIsReadyOnceItPassedAndNotBefore() throws Exception {
    answer.set(BROKEN);
    put(new App(APP, 1), service("web", check(0, 1, 2)), instance(Instance.State.STARTED));
    HealthChecks checks = checks();
    assertEquals(Standing.FAILING, standing(checks));
    await(() -> isWritten(InstanceHealth.Status.FAILING));

    answer.set(OK);

    await(() -> standing(checks) == Standing.READY);
    await(() -> isWritten(InstanceHealth.Status.PASSING));
    assertEquals("", lastRow().detail());
    assertTrue(written.size() <= 3, () -> "a text alone is written rarely: " + written);
  }

  @Test
  void anAppThatGoesDownIsPulledOutAndComesBack() {
    put(new App(APP, 1), service("web", check(0, 2, 2)), instance(Instance.State.STARTED));
    HealthChecks checks = checks();
    await(() -> standing(checks) == Standing.READY);

    answer.set(BROKEN);
    await(() -> standing(checks) == Standing.FAILING);
    await(() -> isWritten(InstanceHealth.Status.FAILING));
    assertEquals("web: status 500", lastRow().detail());

    answer.set(OK);
    await(() -> standing(checks) == Standing.READY);
    await(() -> isWritten(InstanceHealth.Status.PASSING));
  }

  @Test
  void allServicesChecksHaveToPass() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    put(
        new App(APP, 1),
        service("admin", check(closed, 1, 1)),
        service("web", check(0, 1, 1)),
        instance(Instance.State.STARTED));
    HealthChecks checks = checks();
    await(() -> lastRow() != null && app.accepted.get() > 3);
    assertEquals(Standing.FAILING, standing(checks));

    put(service("admin"));

    await(() -> standing(checks) == Standing.READY);
    assertEquals(1, checks.views().get(ONE).checks());
  }

  @Test
  void aWorkerThatStartsAgainKeepsTheRowUntilItsChecksSayOtherwise() {
    answer.set(BROKEN);
    InstanceHealth row = new InstanceHealth(NODE, ONE, InstanceHealth.Status.PASSING, "", 7);
    put(new App(APP, 1), service("web", check(0, 1, 5)), instance(Instance.State.STARTED), row);
    HealthChecks checks = checks();

    await(() -> isWritten(InstanceHealth.Status.FAILING));

    assertEquals(List.of(row), written.getFirst());
    assertEquals(Standing.FAILING, standing(checks));
    assertTrue(app.accepted.get() >= 5);
  }

  @Test
  void aRowIsNotTakenOutWhileTheServiceIsNotKnownYet() {
    InstanceHealth row =
        new InstanceHealth(NODE, ONE, InstanceHealth.Status.FAILING, "web: status 500", 7);
    put(new App(APP, 1), instance(Instance.State.STARTED), row);
    HealthChecks checks = checks();
    await(() -> !written.isEmpty());
    assertEquals(List.of(row), written.getFirst());

    put(service("web", check(0, 1, 1)));

    await(() -> isWritten(InstanceHealth.Status.PASSING));
    assertEquals(Standing.READY, standing(checks));
  }

  @Test
  void checksThatAreTakenAwayAreNotDoneAnyMore() {
    put(new App(APP, 1), service("web", check(0, 1, 1)), instance(Instance.State.STARTED));
    HealthChecks checks = checks();
    await(() -> standing(checks) == Standing.READY);
    answer.set(BROKEN);
    await(() -> standing(checks) == Standing.FAILING);

    put(service("web"));

    await(() -> standing(checks) == Standing.READY);
    assertEquals(0, checks.views().get(ONE).checks());
  }

  @Test
  void aCheckThatIsTakenAwayWhileAnAppDripsItsAnswerEndsInItsTime() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Semaphore never = new Semaphore(0);
    try (RawApp dripping =
        RawApp.start(connection -> {
          connection.readHead();
          asked.countDown();
          try {
            connection.write("HTTP/1.1 200 OK\r\nX: ");
            while (!never.tryAcquire(20, TimeUnit.MILLISECONDS)) {
              connection.write("x");
            }
          } finally {
            ended.countDown();
          }
        })) {
      HealthCheck usual = check(dripping.port(), 1, 1);
      HealthCheck quick =
          new HealthCheck(
              usual.port(),
              usual.http(),
              usual.intervalNanos(),
              TimeUnit.MILLISECONDS.toNanos(300),
              0,
              1,
              1);
      put(new App(APP, 1), service("web", quick), instance(Instance.State.STARTED));
      checks();
      assertTrue(asked.await(30, TimeUnit.SECONDS));
      put(service("web"));
      assertTrue(ended.await(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void anInstanceThatStopsHasNoRowAndNoChecks() {
    put(new App(APP, 1), service("web", check(0, 1, 1)), instance(Instance.State.STARTED));
    HealthChecks checks = checks();
    await(() -> isWritten(InstanceHealth.Status.PASSING));

    put(instance(Instance.State.STOPPED));

    await(() -> written.getLast().isEmpty());
    assertTrue(checks.views().isEmpty());
  }

  @Test
  void anInstanceWithoutChecksIsReadyAndHasNoRow() {
    put(new App(APP, 1), service("web"), instance(Instance.State.STARTED));
    HealthChecks checks = checks();

    await(() -> !written.isEmpty());

    assertEquals(Standing.READY, standing(checks));
    assertEquals(List.of(), written.getFirst());
  }
}
