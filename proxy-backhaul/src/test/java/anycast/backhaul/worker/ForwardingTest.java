package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ForwardingTest {
  private static final String HELLO =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-App: yes\r\n\r\nhello";

  @TempDir Path directory;
  private Chain chain;
  private RawApp app;

  @BeforeEach
  void start() throws Exception {
    chain = Chain.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    if (app != null) {
      app.close();
    }
    chain.close();
  }

  private void run(RawApp.Script script) throws Exception {
    app = RawApp.start(script);
    chain.runs(app.port());
  }

  @Test
  void passesRequestToAppAndAnswerBack() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write(HELLO);
    });

    Call call = chain.get("/a?b=c");

    assertEquals(200, call.head().status());
    assertEquals("yes", call.head().fields().text(AsciiString.of("x-app")));
    assertEquals("hello", call.body());
    String seen = app.requests.getFirst().toLowerCase(Locale.ROOT);
    assertTrue(seen.startsWith("get /a?b=c http/1.1\r\n"), seen);
    assertTrue(seen.contains("host: hello.example\r\n"), seen);
    assertFalse(seen.contains("x-anycast"), seen);
  }

  @Test
  void reusesConnectionsOfLinkAndApp() throws Exception {
    app = RawApp.answering(HELLO);
    chain.runs(app.port());

    for (int i = 0; i < 20; i++) {
      assertEquals("hello", chain.get("/" + i).body());
    }

    assertEquals(1, app.accepted.get());
    assertEquals(20, app.requests.size());
  }

  @Test
  void passesBodyOfKnownLength() throws Exception {
    CompletableFuture<String> got = new CompletableFuture<>();
    run(connection -> {
      connection.readHead();
      got.complete(new String(connection.read(11), StandardCharsets.ISO_8859_1));
      connection.write(HELLO);
    });

    Call call = chain.call(Call.request("POST", "/", Call.fields("content-length", "11")), false);
    call.send("hello ", false).send("world", true);

    assertEquals("hello", call.body());
    assertEquals("hello world", got.get(5, TimeUnit.SECONDS));
    assertEquals(11, call.sent.get());
  }

  @Test
  void passesTrailersBothWays() throws Exception {
    CompletableFuture<String> got = new CompletableFuture<>();
    run(connection -> {
      connection.readHead();
      StringBuilder lines = new StringBuilder();
      for (String line = connection.readLine(); ; line = connection.readLine()) {
        lines.append(line).append('|');
        if (line.isEmpty() && lines.indexOf("0|") >= 0) {
          break;
        }
      }
      got.complete(lines.toString());
      connection.write(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n"
              + "3\r\nabc\r\n0\r\nx-sum: 7\r\n\r\n");
    });

    Call call = chain.call(Call.request("POST", "/", Call.fields("te", "trailers")), false);
    call.send("abcd", false).sendTrailers(Call.fields("x-check", "42"));

    assertEquals("abc", call.body());
    assertEquals("7", call.trailers.text(AsciiString.of("x-sum")));
    assertTrue(got.get(5, TimeUnit.SECONDS).contains("4|abcd|0|x-check: 42||"), got.get());
  }

  @Test
  void passesInformationalHeadsAndBodyUntilClose() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
      connection.write("HTTP/1.0 200 OK\r\n\r\nall of it");
    });

    Call call = chain.get("/");

    assertEquals("all of it", call.body());
    assertEquals(103, call.informational.getFirst().status());
  }

  @Test
  void answersHeadWithoutBodyAndKeepsTheConnection() throws Exception {
    app = RawApp.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    chain.runs(app.port());

    for (int i = 0; i < 3; i++) {
      Call call = chain.call(Call.request("HEAD", "/", new Fields()), true);
      assertEquals("5", call.head().fields().text(AsciiString.of("content-length")));
      assertEquals("", call.body());
    }
    assertEquals(1, app.accepted.get());
  }

  @Test
  void passesWebSocketBytesOnFreshConnection() throws Exception {
    run(connection -> {
      for (String head = connection.readHead(); head != null; head = connection.readHead()) {
        if (!head.toLowerCase(Locale.ROOT).contains("upgrade: websocket")) {
          connection.write(HELLO);
          continue;
        }
        connection.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nwelcome ");
        byte[] ping = connection.read(4);
        connection.write("echo " + new String(ping, StandardCharsets.ISO_8859_1));
        connection.write(connection.in.read() < 0 ? " closed" : " not closed");
        return;
      }
    });
    chain.get("/").body();

    Call call = chain.call(Call.webSocket("/chat"), false);
    assertEquals(101, call.head().status());
    assertEquals("x", call.head().fields().text(AsciiString.of("sec-websocket-accept")));
    call.send("ping", false);
    call.send("", true);

    assertEquals("welcome echo ping closed", call.body());
    assertEquals(2, app.accepted.get());
  }

  @Test
  void showsRefusedUpgradeAsPlainAnswer() throws Exception {
    app = RawApp.answering(HELLO);
    chain.runs(app.port());

    Call call = chain.call(Call.webSocket("/chat"), false);

    assertEquals(200, call.head().status());
    assertEquals("hello", call.body());
    assertNull(call.head().fields().text(AsciiString.of("x-anycast-switched")));
  }

  @Test
  void appCannotSpeakAsProxy() throws Exception {
    app =
        RawApp.answering(
            "HTTP/1.1 200 OK\r\n"
                + "Content-Length: 0\r\n"
                + "X-Anycast-Switched: 1\r\n"
                + "X-Anycast-Id: 2\r\n\r\n");
    chain.runs(app.port());

    Call call = chain.call(Call.webSocket("/chat"), false);

    assertEquals(200, call.head().status());
    for (int i = 0; i < call.head().fields().size(); i++) {
      assertFalse(call.head().fields().name(i).startsWith("x-anycast"));
    }
  }

  @Test
  void appThatClosesAfterEachAnswerIsNotNoticed() throws Exception {
    run(connection -> {
      for (int i = 0; i < 3; i++) {
        if (connection.readHead() == null) {
          return;
        }
        connection.write(HELLO);
      }
    });

    for (int i = 0; i < 30; i++) {
      assertEquals("hello", chain.get("/" + i).body());
    }
    assertTrue(app.accepted.get() >= 10, () -> app.accepted + " connections");
  }

  @Test
  void connectionCloseAndHttp10AreNotReused() throws Exception {
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok");
      connection.readHead();
    });

    assertEquals("ok", chain.get("/1").body());
    assertEquals("ok", chain.get("/2").body());
    assertEquals(2, app.accepted.get());
  }

  @Test
  void tenMegabytesUpAndDownKeepTheirChecksum() throws Exception {
    int bytes = 10 << 20;
    run(connection -> {
      connection.readHead();
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n");
      byte[] part = new byte[1 << 16];
      for (int left = bytes; left > 0; ) {
        int read = connection.in.read(part, 0, Math.min(left, part.length));
        connection.out.write(part, 0, read);
        left -= read;
      }
      connection.readHead();
    });

    Call call =
        chain.call(Call.request("POST", "/", Call.fields("content-length", "" + bytes)), false);
    call.sendGenerated(bytes);
    call.body();

    CRC32 wanted = new CRC32();
    for (int i = 0; i < bytes; i++) {
      wanted.update((byte) (i * 31));
    }
    assertEquals(bytes, call.received.get());
    assertEquals(wanted.getValue(), call.checksum.getValue());
  }

  @Test
  void stalledStreamStopsItsAppAndNobodyElse() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    byte[] part = new byte[1 << 16];
    run(connection -> {
      for (String head = connection.readHead(); head != null; head = connection.readHead()) {
        if (!head.startsWith("GET /big")) {
          connection.write(HELLO);
          continue;
        }
        blocked.countDown();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + (64 << 20) + "\r\n\r\n");
        for (int i = 0; i < 1024; i++) {
          connection.out.write(part);
        }
      }
    });

    Call stalled = chain.stalled(Call.get("/big"));
    stalled.head();
    assertTrue(blocked.await(5, TimeUnit.SECONDS));
    List<Call> quick = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      quick.add(chain.get("/" + i));
    }
    for (Call call : quick) {
      assertEquals("hello", call.body());
    }

    long held = stalled.received.get();
    // The first window of 256 KiB and the wide one of 1 MiB.
    assertTrue(
        held <= (1 << 20) + (256 << 10), () -> held + " bytes came to one that reads nothing");
    stalled.consume();
    stalled.body();
    assertEquals(64 << 20, stalled.received.get());
  }

  @Test
  void appThatReadsNothingStopsTheSender() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    int bytes = 16 << 20;
    run(connection -> {
      String head = connection.readHead();
      for (; head.startsWith("GET /quick"); head = connection.readHead()) {
        connection.write(HELLO);
      }
      go.await();
      for (int left = bytes; left > 0; ) {
        left -= (int) connection.in.skip(Math.min(left, 1 << 20));
      }
      connection.write(HELLO);
    });
    Call slow =
        chain.call(Call.request("POST", "/", Call.fields("content-length", "" + bytes)), false);
    slow.sendGenerated(bytes);

    // Every buffer on the way is full when nothing more was sent during a hundred quick requests.
    long before = -1;
    while (before != slow.sent.get()) {
      before = slow.sent.get();
      for (int i = 0; i < 100; i++) {
        assertEquals("hello", chain.get("/quick").body());
      }
    }
    long held = before;
    assertTrue(held < 12 << 20, () -> held + " bytes went to an app that reads nothing");
    go.countDown();
    assertEquals("hello", slow.body());
  }
}
