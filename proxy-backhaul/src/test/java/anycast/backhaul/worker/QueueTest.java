package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.runtime.Counter;
import anycast.routing.model.Cordon;
import anycast.routing.model.Service;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.model.ServicePolicy;
import io.netty.util.AsciiString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests that wait for room at an instance, over a real link.
@Timeout(60)
class QueueTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path directory;
  private Chain chain;
  private RawApp app;
  private final Semaphore go = new Semaphore(0);
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    chain = Chain.start(directory);
    app =
        RawApp.start(connection -> {
          for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            go.acquire();
            inside.decrementAndGet();
            connection.write(HELLO);
          }
        });
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    chain.close();
  }

  private static ServicePolicy policy(ServicePolicy.Concurrency concurrency, int length) {
    ServicePolicy usual = ServicePolicy.USUAL;
    return new ServicePolicy(
        concurrency,
        usual.spill(),
        usual.balance(),
        new ServicePolicy.Queue(0, length),
        usual.retry(),
        usual.hedge(),
        usual.timeouts(),
        usual.checks());
  }

  private void runs(AppProtocol protocol, int hardLimit, int length) {
    ServicePolicy policy = policy(ServicePolicy.Concurrency.REQUESTS, length);
    chain.runs(app.port(), Chain.service(protocol, hardLimit, policy));
  }

  private void awaitWaiting(int count) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (waiting() != count) {
      assertTrue(System.nanoTime() - deadline < 0, () -> waiting() + " wait");
      Thread.onSpinWait();
    }
  }

  private int waiting() {
    Room room = chain.apps.rooms().find(Chain.HELLO);
    return room == null ? 0 : room.waiting();
  }

  @Test
  void aRequestAtAFullInstanceWaitsAndIsServed() throws Exception {
    runs(AppProtocol.HTTP1, 1, 10);
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(chain.patient(Call.get("/" + i), LONG));
    }
    awaitWaiting(4);

    go.release(5);

    for (Call call : calls) {
      assertEquals("hello", call.body());
    }
    assertEquals(1, most.get());
    assertEquals(0, chain.workerFleet.table.current().instance(Chain.HELLO).load().inFlight());
    assertEquals(4, chain.counters.sum(Counter.WAITED));
  }

  @Test
  void whoWaitsTooLongIsToldSoSafeToRetry() throws Exception {
    runs(AppProtocol.HTTP1, 1, 10);
    Call first = chain.patient(Call.get("/1"), LONG);
    Call second = chain.patient(Call.get("/2"), Duration.ofMillis(20));

    Fault fault = second.fault();

    assertEquals(FaultKind.QUEUE_TIMEOUT, fault.kind());
    assertTrue(fault.retrySafe());
    go.release(2);
    assertEquals("hello", first.body());
    assertEquals("hello", chain.patient(Call.get("/3"), LONG).body());
    assertEquals(2, app.requests.size());
    assertEquals(1, chain.counters.sum(Counter.WAITS_TIMED_OUT));
  }

  @Test
  void aLineThatIsFullRefusesAtOnce() throws Exception {
    runs(AppProtocol.HTTP1, 1, 2);
    Call first = chain.patient(Call.get("/1"), LONG);
    Call second = chain.patient(Call.get("/2"), LONG);
    Call third = chain.patient(Call.get("/3"), LONG);
    awaitWaiting(2);

    assertEquals(FaultKind.AT_HARD_LIMIT, chain.patient(Call.get("/4"), LONG).fault().kind());
    assertEquals(FaultKind.AT_HARD_LIMIT, chain.get("/5").fault().kind());

    go.release(3);
    assertEquals("hello", first.body());
    assertEquals("hello", second.body());
    assertEquals("hello", third.body());
  }

  @Test
  void aHostInAnotherSpellingHasNoTurnOfItsOwn() throws Exception {
    runs(AppProtocol.HTTP1, 1, 2);
    Call first = chain.patient(asked("hello.test"), LONG);
    Call second = chain.patient(asked("hello.test"), LONG);
    Call third = chain.patient(asked("hello.test"), LONG);
    awaitWaiting(2);

    assertEquals(
        FaultKind.AT_HARD_LIMIT, chain.patient(asked("Hello.test:81"), LONG).fault().kind());

    go.release(3);
    assertEquals("hello", first.body());
    assertEquals("hello", second.body());
    assertEquals("hello", third.body());
  }

  private static RequestHead asked(String authority) {
    RequestHead usual = Call.get("/");
    return new RequestHead(
        usual.method(),
        usual.scheme(),
        AsciiString.of(authority),
        usual.path(),
        null,
        usual.fields());
  }

  @Test
  void aClientThatLeavesLeavesTheLine() throws Exception {
    runs(AppProtocol.HTTP1, 1, 10);
    Call first = chain.patient(Call.get("/1"), LONG);
    Call second = chain.patient(Call.get("/2"), LONG);
    awaitWaiting(1);

    second.cancel();
    awaitWaiting(0);

    go.release(2);
    assertEquals("hello", first.body());
    assertEquals("hello", chain.get("/3").body());
    assertEquals(2, app.requests.size());
  }

  @Test
  void aBodyThatWaitsIsHeldBackAndSentWhole() throws Exception {
    int size = 1 << 20;
    try (RawApp taking =
        RawApp.start(connection -> {
          for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            connection.read(head.startsWith("POST") ? size : 0);
            go.acquire();
            connection.write(HELLO);
          }
        })) {
      ServicePolicy policy = policy(ServicePolicy.Concurrency.REQUESTS, 10);
      chain.runs(taking.port(), Chain.service(AppProtocol.HTTP1, 1, policy));
      Call first = chain.patient(Call.get("/1"), LONG);
      Fields length = Call.fields("content-length", Integer.toString(size));
      Call upload = chain.patient(Call.request("POST", "/2", length), LONG, false);
      upload.sendGenerated(size);
      awaitWaiting(1);
      assertTrue(upload.sent.get() <= chain.connector.replayBytes());

      go.release(2);

      assertEquals("hello", first.body());
      assertEquals("hello", upload.body());
    }
  }

  @Test
  void connectionsCarryOneRequestEachWhereTheyAreCounted() throws Exception {
    ServicePolicy policy = policy(ServicePolicy.Concurrency.CONNECTIONS, 10);
    chain.runs(app.port(), Chain.service(AppProtocol.HTTP1, 2, policy));
    go.release(3);

    for (int i = 0; i < 3; i++) {
      assertEquals("hello", chain.get("/" + i).body());
    }

    assertEquals(3, app.accepted.get());
    assertEquals(0, chain.counters.sum(Counter.APP_CONNECTIONS_REUSED));
  }

  @Test
  void requestsShareConnectionsWhereTheyAreCounted() throws Exception {
    runs(AppProtocol.HTTP1, 2, 10);
    go.release(3);

    for (int i = 0; i < 3; i++) {
      assertEquals("hello", chain.get("/" + i).body());
    }

    assertEquals(1, app.accepted.get());
  }

  @Test
  void theServiceIsFoundByItsInternalPort() throws Exception {
    runs(AppProtocol.HTTP1, 1, 10);
    Service other =
        new Service(Chain.APP, "admin", List.of(), 9090, AppProtocol.HTTP1, false, 0, 0, 1);
    chain.workerFleet.put(other);
    Call full = chain.patient(Call.get("/1"), LONG);

    // 9090 has no limit, though it is the same instance
    Call byOther = chain.callOn(other, Call.get("/2"));
    // 7070 nobody names: plain HTTP without limits
    Service implied =
        new Service(Chain.APP, "port-7070", List.of(), 7070, AppProtocol.HTTP1, false, 0, 0, 1);
    Call byPort = chain.callOn(implied, Call.get("/3"));
    go.release(3);

    assertEquals("hello", byOther.body());
    assertEquals("hello", byPort.body());
    assertEquals("hello", full.body());
  }

  @Test
  void whatAnEdgeThatHasNotHeardOfACordonSendsIsServed() throws Exception {
    runs(AppProtocol.HTTP1, 0, 10);
    Call before = chain.get("/1");
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (inside.get() == 0 && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
    chain.workerFleet.put(new Cordon(Chain.WORKER, Chain.HELLO, "green comes", 1));

    Call late = chain.get("/2");

    go.release(2);
    assertEquals("hello", late.body());
    assertEquals("hello", before.body());
  }
}
