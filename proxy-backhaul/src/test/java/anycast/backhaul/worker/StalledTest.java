package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import anycast.routing.model.Service.AppProtocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Many who take nothing, on the one link that everybody shares.
@Timeout(60)
class StalledTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final int STALLED = 300;

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

  @Test
  void aHundredAndMoreStalledDownloadsDoNotStopTheOthers() throws Exception {
    byte[] part = new byte[1 << 16];
    app =
        RawApp.start(connection -> {
          for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            if (head.startsWith("GET /big")) {
              connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + (64 << 20) + "\r\n\r\n");
              for (int i = 0; i < 1024; i++) {
                connection.out.write(part);
              }
            } else {
              connection.write(HELLO);
            }
          }
        });
    chain.runs(app.port());

    List<Call> stalled = new ArrayList<>();
    for (int i = 0; i < STALLED; i++) {
      stalled.add(chain.stalled(Call.get("/big")));
    }
    for (Call call : stalled) {
      call.head();
    }
    Call reading = chain.get("/big");
    List<Call> quick = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      quick.add(chain.get("/quick"));
    }

    for (Call call : quick) {
      assertEquals("hello", call.body());
    }
    reading.body();
    assertEquals(64 << 20, reading.received.get());
    long held = 0;
    for (Call call : stalled) {
      if (call.isOver()) {
        assertEquals(FaultKind.CLIENT_STALLED, call.fault().kind());
      } else {
        held += call.received.get();
      }
    }
    long heldAtTheEnd = held;
    assertTrue(held < 32 << 20, () -> heldAtTheEnd + " bytes held");
  }

  @Test
  void aHundredAndMoreUploadsThatNobodyReadsDoNotStopTheOthers() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    app =
        RawApp.start(connection -> {
          String head = connection.readHead();
          if (head.startsWith("POST /stalled")) {
            done.await();
          }
          for (; head != null; head = connection.readHead()) {
            connection.read(1 << 20);
            connection.write(HELLO);
          }
        });
    chain.runs(app.port(), AppProtocol.HTTP1, 0);

    List<Call> stalled = new ArrayList<>();
    for (int i = 0; i < STALLED; i++) {
      stalled.add(upload("/stalled", 64 << 20));
    }
    List<Call> quick = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      quick.add(upload("/quick", 1 << 20));
    }

    for (Call call : quick) {
      assertEquals("hello", call.body());
    }
    for (Call call : stalled) {
      if (call.isOver()) {
        assertEquals(FaultKind.APP_TIMEOUT, call.fault().kind());
      }
    }
    done.countDown();
    stalled.forEach(Call::cancel);
    assertEquals("hello", upload("/quick", 1 << 20).body());
  }

  private Call upload(String path, int bytes) {
    Call call =
        chain.call(Call.request("POST", path, Call.fields("content-length", "" + bytes)), false);
    return call.sendGenerated(bytes);
  }
}
