package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.routing.model.Instance;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.pick.Standing;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the worker refuses: each reaches the edge as its kind, safe to retry, and the app saw
/// nothing.
@Timeout(60)
class RefusalTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  @TempDir Path directory;
  private Chain chain;
  private RawApp app;

  @BeforeEach
  void start() throws Exception {
    chain = Chain.start(directory);
    app = RawApp.answering(HELLO);
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    chain.close();
  }

  private void assertRefused(Call call, FaultKind kind) throws Exception {
    Fault fault = call.fault();
    assertEquals(kind, fault.kind());
    assertTrue(fault.retrySafe());
    assertEquals(0, app.accepted.get());
  }

  @Test
  void refusesInstanceThatItDoesNotKnow() throws Exception {
    assertRefused(chain.get("/"), FaultKind.UNKNOWN_INSTANCE);
  }

  @Test
  void refusesInstanceOfAnotherNode() throws Exception {
    chain.runs(app.port());
    Instance mine = Chain.instance(app.port(), Instance.State.STARTED);
    chain.workerFleet.remove(mine.key());
    chain.workerFleet.put(Chain.elsewhere(app.port()));

    assertRefused(chain.get("/"), FaultKind.UNKNOWN_INSTANCE);
  }

  @ParameterizedTest
  @EnumSource(value = Instance.State.class, names = "STARTED", mode = EnumSource.Mode.EXCLUDE)
  void refusesInstanceThatDoesNotRun(Instance.State state) throws Exception {
    chain.runs(app.port());
    chain.workerFleet.put(Chain.instance(app.port(), state));

    assertRefused(chain.get("/"), FaultKind.NOT_RUNNING);
  }

  @ParameterizedTest
  @EnumSource(
      value = Standing.class,
      names = {"FAILING", "LAGGING"})
  void refusesInstanceThatItsOwnChecksFindNotReady(Standing standing) throws Exception {
    chain.runs(app.port());
    chain.checked = standing;

    assertRefused(chain.get("/"), FaultKind.INSTANCE_NOT_READY);

    chain.checked = Standing.READY;
    assertEquals("hello", chain.get("/").body());
  }

  /// A listener whose queue is full lets the kernel drop every SYN that comes after.
  @ParameterizedTest
  @EnumSource(AppProtocol.class)
  void anAppThatDoesNotTakeConnectionsIsLeftInTheTimeThatTheEdgeGives(AppProtocol protocol)
      throws Exception {
    List<Socket> queued = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      boolean taken = true;
      while (taken) {
        Socket next = new Socket();
        queued.add(next);
        try {
          next.connect(full.getLocalSocketAddress(), 500);
        } catch (SocketTimeoutException e) {
          taken = false;
        }
      }
      chain.runs(full.getLocalPort(), protocol, 1);

      long begun = System.nanoTime();
      Call call = chain.hurried(Call.get("/"), Duration.ofMillis(50));

      assertRefused(call, FaultKind.APP_CONNECT_TIMEOUT);
      long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      assertTrue(tookMillis >= 50, () -> "after " + tookMillis + " ms");
      chain.runs(app.port(), AppProtocol.HTTP1, 1);
      assertEquals("hello", chain.get("/").body());
    } finally {
      for (Socket each : queued) {
        each.close();
      }
    }
  }

  @Test
  void refusesAtHardLimitAndAdmitsAgainAfter() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawApp slow =
        RawApp.start(connection -> {
          for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            go.await();
            connection.write(HELLO);
          }
        })) {
      chain.runs(slow.port(), AppProtocol.HTTP1, 2);
      Call first = chain.get("/1");
      Call second = chain.get("/2");

      Fault fault = chain.get("/3").fault();

      assertEquals(FaultKind.AT_HARD_LIMIT, fault.kind());
      assertTrue(fault.retrySafe());
      go.countDown();
      assertEquals("hello", first.body());
      assertEquals("hello", second.body());
      assertEquals("hello", chain.get("/4").body());
      assertEquals(3, slow.requests.size());
    }
  }

  @Test
  void cancelledRequestGivesItsPlaceBack() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    try (RawApp silent =
        RawApp.start(connection -> {
          connection.readHead();
          if (connection.in.read() < 0) {
            gone.countDown();
          }
        })) {
      chain.runs(silent.port(), AppProtocol.HTTP1, 1);
      Call first = chain.get("/1");
      assertEquals(FaultKind.AT_HARD_LIMIT, chain.get("/2").fault().kind());

      first.cancel();

      assertTrue(gone.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));
      chain.runs(app.port(), AppProtocol.HTTP1, 1);
      assertEquals("hello", chain.get("/3").body());
    }
  }

  @Test
  void appThatDoesNotListenIsSafeToRetryElsewhere() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    chain.runs(port);

    assertRefused(chain.get("/"), FaultKind.APP_REFUSED);
  }

  @Test
  void refusalComesBeforeMoreLeftThanTheEdgeKeeps() throws Exception {
    Call call = chain.call(Call.request("POST", "/", new Fields()), false);
    call.sendGenerated(4 << 20);

    assertRefused(call, FaultKind.UNKNOWN_INSTANCE);
    long sent = call.sent.get();
    assertTrue(sent <= chain.connector.replayBytes(), () -> sent + " bytes had been sent");
  }

  @Test
  void appThatCannotBeReachedComesBeforeMoreLeftThanTheEdgeKeeps() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    chain.runs(port);
    Call call = chain.call(Call.request("POST", "/", new Fields()), false);
    call.sendGenerated(4 << 20);

    assertRefused(call, FaultKind.APP_REFUSED);
    long sent = call.sent.get();
    assertTrue(sent <= chain.connector.replayBytes(), () -> sent + " bytes had been sent");
  }
}
