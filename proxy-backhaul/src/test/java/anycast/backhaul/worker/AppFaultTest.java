package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import io.netty.channel.ConnectTimeoutException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Apps that break off, lie or speak nonsense.
@Timeout(60)
class AppFaultTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  @TempDir Path directory;
  private Chain chain;
  private RawApp app;

  @BeforeEach
  void start() throws Exception {
    chain = Chain.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    chain.close();
  }

  private void run(RawApp.Script script) throws Exception {
    app = RawApp.start(script);
    chain.runs(app.port());
  }

  private static void assertUnsafe(FaultKind kind, Call call) throws Exception {
    Fault fault = call.fault();
    assertEquals(kind, fault.kind());
    assertFalse(fault.retrySafe());
  }

  @Test
  void appThatResetsBeforeItAnswersIsAskedOnce() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.reset();
    });

    assertUnsafe(FaultKind.APP_RESET, chain.get("/"));
    assertEquals(1, app.accepted.get());
  }

  @Test
  void appThatDiesInItsAnswerResetsTheStream() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    });

    Call call = chain.get("/");

    assertUnsafe(FaultKind.APP_RESET, call);
    assertEquals(200, call.head().status());
  }

  @Test
  void bodyUntilCloseThatEndsWithResetIsNotWhole() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.0 200 OK\r\n\r\nsome of it");
      read.await();
      connection.reset();
    });

    Call call = chain.get("/");
    call.head();
    read.countDown();

    assertUnsafe(FaultKind.APP_RESET, call);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 2OO OK\r\n\r\n",
        "HTTP/1.1 1000 OK\r\n\r\n",
        "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\u0000b\r\n\r\n"
      })
  void nonsenseIsTheAppsFault(String answer) throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write(answer);
      connection.in.read();
    });

    assertUnsafe(FaultKind.APP_PROTOCOL, chain.get("/"));
  }

  @Test
  void malformedChunkResetsWhatHasBegun() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc");
      connection.in.read();
    });

    Call call = chain.get("/");

    assertUnsafe(FaultKind.APP_PROTOCOL, call);
    assertEquals(200, call.head().status());
  }

  @Test
  void endlessInformationalHeadsEnd() throws Exception {
    run(connection -> {
      connection.readHead();
      while (true) {
        connection.write("HTTP/1.1 103 Early Hints\r\n\r\n");
      }
    });

    assertUnsafe(FaultKind.APP_PROTOCOL, chain.get("/"));
  }

  @Test
  void responseThatNobodyAskedForGoesToNobody() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write(HELLO + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
      connection.readHead();
    });

    assertEquals("hello", chain.get("/1").body());
    assertEquals("hello", chain.get("/2").body());
    assertEquals(2, app.accepted.get());
  }

  @Test
  void idempotentRequestOnConnectionThatDiedUnusedGoesToFreshOne() throws Exception {
    AtomicInteger dropped = new AtomicInteger();
    run(connection -> {
      connection.readHead();
      connection.write(HELLO);
      if (connection.readHead() != null) {
        dropped.incrementAndGet();
        connection.reset();
      }
    });
    assertEquals("hello", chain.get("/1").body());

    assertEquals("hello", chain.get("/2").body());

    assertEquals(1, dropped.get());
    assertEquals(2, app.accepted.get());
  }

  @Test
  void requestWithSideEffectsIsNotSentTwice() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write(HELLO);
      connection.readHead();
      connection.reset();
    });
    assertEquals("hello", chain.get("/1").body());

    assertUnsafe(FaultKind.APP_RESET, chain.call(Call.request("POST", "/2", new Fields()), true));

    assertEquals(1, app.accepted.get());
  }

  @Test
  void idempotentRequestIsNotSentTwiceOnceAnAnswerBegan() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write(HELLO);
      connection.readHead();
      connection.write("HTTP/1.1 2");
    });
    assertEquals("hello", chain.get("/1").body());

    assertUnsafe(FaultKind.APP_RESET, chain.get("/2"));

    assertEquals(1, app.accepted.get());
  }

  @Test
  void earlyAnswerEndsTheRequest() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
      connection.in.transferTo(OutputStream.nullOutputStream());
      closed.countDown();
    });

    Call call = chain.call(Call.request("POST", "/", Call.fields("content-length", "100")), false);
    call.send("the beginning", false);

    assertEquals(413, call.head().status());
    assertEquals("big", call.body());
    assertTrue(closed.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void answerOfAnAppThatHangsUpOnAnUploadIsNotLost() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
    });

    for (int i = 0; i < 20; i++) {
      Call call = chain.call(Call.request("POST", "/", new Fields()), false);
      call.sendGenerated(1 << 20);

      assertEquals(413, call.head().status());
      assertEquals("big", call.body());
    }
  }

  @Test
  void clientThatLeavesClosesTheAppsConnection() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    run(connection -> {
      connection.readHead();
      begun.countDown();
      if (connection.in.read() < 0) {
        closed.countDown();
      }
    });
    Call call = chain.get("/");
    assertTrue(begun.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));

    call.cancel();

    assertTrue(closed.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void failedConnectsAreToldApart() throws Exception {
    app = RawApp.answering(HELLO);
    assertEquals(
        FaultKind.APP_CONNECT_TIMEOUT, AppFaults.connect(new ConnectTimeoutException()).kind());
    assertEquals(FaultKind.APP_REFUSED, AppFaults.connect(new ConnectException()).kind());
    assertEquals(FaultKind.APP_UNREACHABLE, AppFaults.connect(new NoRouteToHostException()).kind());
    assertEquals(FaultKind.APP_UNREACHABLE, AppFaults.connect(new UnknownHostException()).kind());
  }
}
