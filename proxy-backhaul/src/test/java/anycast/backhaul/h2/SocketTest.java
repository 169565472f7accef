package anycast.backhaul.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/// Client and server, both ours, over the loopback interface.
class SocketTest {
  /// Uploads random bytes with a bounded number in flight, and checks what the echo returns.
  private static final class Upload implements StreamEvents {
    private static final int IN_FLIGHT_BYTES = 20_000;
    final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private final Random random;
    private final boolean slow;
    private final CRC32 sent = new CRC32();
    private final CRC32 got = new CRC32();
    private final ArrayDeque<Integer> kept = new ArrayDeque<>();
    private int left;
    private int pending;
    private H2Stream stream;

    Upload(long seed, int bytes, boolean slow) {
      this.random = new Random(seed);
      this.left = bytes;
      this.slow = slow;
    }

    void start(H2Connection connection) {
      stream = connection.open(SocketTest.request("POST", null), false, this);
      assertNotNull(stream);
      push();
    }

    private void push() {
      while (left > 0 && pending < IN_FLIGHT_BYTES) {
        byte[] chunk = new byte[Math.min(left, 1 + random.nextInt(9_000))];
        random.nextBytes(chunk);
        sent.update(chunk);
        left -= chunk.length;
        pending += chunk.length;
        stream.sendData(Unpooled.directBuffer(chunk.length).writeBytes(chunk), left == 0);
      }
    }

    @Override
    public void onHead(ResponseHead head, boolean end) {
      assertEquals(200, head.status());
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
      int bytes = data.readableBytes();
      got.update(data.nioBuffer());
      data.release();
      if (slow && !end) {
        // Returned only together with the next, as a slow reader would.
        kept.add(bytes);
        if (kept.size() > 1) {
          stream.consumed(kept.poll());
        }
      } else {
        stream.consumed(bytes);
      }
      if (end) {
        done.complete(sent.getValue() == got.getValue());
      }
    }

    @Override
    public void onTrailers(Fields trailers) {
      done.completeExceptionally(new AssertionError("trailers"));
    }

    @Override
    public void onSent(int bytes) {
      pending -= bytes;
      push();
    }

    @Override
    public void onReset(int errorCode) {
      done.completeExceptionally(new AssertionError("reset " + errorCode));
    }

    @Override
    public void onConnectionLost() {
      done.completeExceptionally(new AssertionError("lost"));
    }
  }

  /// Keeps what it is told.
  private static class Answer implements StreamEvents {
    final List<Integer> heads = new ArrayList<>();
    final CompletableFuture<Fields> trailers = new CompletableFuture<>();
    final CompletableFuture<Integer> reset = new CompletableFuture<>();
    final CompletableFuture<Boolean> lost = new CompletableFuture<>();
    final CompletableFuture<Boolean> end = new CompletableFuture<>();
    final CompletableFuture<Boolean> someData = new CompletableFuture<>();
    int bytes;

    @Override
    public void onHead(ResponseHead head, boolean ended) {
      heads.add(head.status());
      if (ended) {
        end.complete(true);
      }
    }

    @Override
    public void onData(ByteBuf data, boolean ended) {
      bytes += data.readableBytes();
      data.release();
      someData.complete(true);
      if (ended) {
        end.complete(true);
      }
    }

    @Override
    public void onTrailers(Fields fields) {
      trailers.complete(fields);
    }

    @Override
    public void onSent(int sent) {}

    @Override
    public void onReset(int errorCode) {
      reset.complete(errorCode);
    }

    @Override
    public void onConnectionLost() {
      if (!lost.complete(true)) {
        throw new AssertionError("lost twice");
      }
    }
  }

  @Test
  void echoesAThousandBodiesAtOnce() throws Exception {
    try (Loopback server = new Loopback(() -> Loopback.echo(H2Limits.link()))) {
      Loopback.Client client = server.connect(H2Limits.link(), new Loopback.Listener());
      List<Upload> uploads = new ArrayList<>();
      Random random = new Random(7);
      for (int i = 0; i < 1000; i++) {
        int bytes = 1 + random.nextInt(i % 50 == 0 ? 400_000 : 20_000);
        uploads.add(new Upload(i, bytes, i % 3 == 0));
      }
      client.run(() -> uploads.forEach(upload -> upload.start(client.connection())));
      for (Upload upload : uploads) {
        assertTrue(get(upload.done), "checksum");
      }
      assertEquals(0, client.call(() -> client.connection().openStreams()));
    }
  }

  @Test
  void servesAHundredQuickStreamsBesideAStalledOne() throws Exception {
    try (Loopback server = new Loopback(() -> Loopback.echo(H2Limits.link()))) {
      Loopback.Client client = server.connect(H2Limits.link(), new Loopback.Listener());
      Answer stalled = new Answer();
      client.run(() -> {
        H2Stream stream = client.connection().open(request("POST", null), false, stalled);
        // The echo fills our window, which nobody returns.
        stream.sendData(Unpooled.directBuffer().writeZero(500_000), true);
      });
      get(stalled.someData);
      for (int round = 0; round < 3; round++) {
        List<Upload> uploads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          uploads.add(new Upload(i, 30_000, false));
        }
        client.run(() -> uploads.forEach(upload -> upload.start(client.connection())));
        for (Upload upload : uploads) {
          assertTrue(get(upload.done));
        }
      }
      assertFalse(stalled.end.isDone());
      assertEquals(64 << 10, client.call(() -> stalled.bytes));
    }
  }

  @Test
  void relaysTrailersBothWays() throws Exception {
    try (Loopback server = new Loopback(() -> Loopback.echo(H2Limits.link()))) {
      Loopback.Client client = server.connect(H2Limits.link(), new Loopback.Listener());
      Answer answer = new Answer();
      client.run(() -> {
        H2Stream stream = client.connection().open(request("POST", null), false, answer);
        stream.sendData(Unpooled.copiedBuffer(new byte[10]), false);
        Fields trailers = new Fields();
        trailers.add("grpc-status", "0");
        stream.sendTrailers(trailers);
      });
      assertEquals("0", get(answer.trailers).text(AsciiString.of("grpc-status")));
    }
  }

  @Test
  void relaysInformationalHeads() throws Exception {
    ServerEvents early =
        new Echo() {
          @Override
          public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
            stream.sendHead(new ResponseHead(103, new Fields()), false);
            return super.onRequest(stream, head, end);
          }
        };
    try (Loopback server =
        new Loopback(() -> H2Connection.server(H2Limits.link(), early, Ticker.system()))) {
      Loopback.Client client = server.connect(H2Limits.link(), new Loopback.Listener());
      Answer answer = new Answer();
      client.run(() -> client.connection().open(request("GET", null), true, answer));
      get(answer.end);
      assertEquals(List.of(103, 200), answer.heads);
    }
  }

  @Test
  void switchesProtocolsThroughExtendedConnect() throws Exception {
    try (Loopback server = new Loopback(() -> Loopback.echo(H2Limits.link()))) {
      Loopback.Client client = server.connect(H2Limits.link(), new Loopback.Listener());
      Answer answer = new Answer();
      client.run(() ->
          client
              .connection()
              .open(request("GET", "websocket"), false, answer)
              .sendData(Unpooled.copiedBuffer(new byte[3]), true));
      get(answer.end);
      assertEquals(List.of(101), answer.heads);
      assertEquals(3, answer.bytes);
    }
    try (Loopback server = new Loopback(() -> Loopback.echo(H2Limits.publicSide()))) {
      Loopback.Client client = server.connect(H2Limits.link(), new Loopback.Listener());
      assertNull(
          client.call(
              () -> client.connection().open(request("GET", "websocket"), false, new Answer())));
    }
  }

  @Test
  void answersPings() throws Exception {
    try (Loopback server = new Loopback(() -> Loopback.echo(H2Limits.link()))) {
      Loopback.Listener events = new Loopback.Listener();
      Loopback.Client client = server.connect(H2Limits.link(), events);
      client.run(client.connection()::ping);
      assertTrue(get(events.pong) > 0);
    }
  }

  @Test
  void finishesOpenStreamsWhenTheServerDrains() throws Exception {
    CompletableFuture<H2Connection> accepted = new CompletableFuture<>();
    try (Loopback server =
        new Loopback(() -> {
          H2Connection connection = Loopback.echo(H2Limits.link());
          accepted.complete(connection);
          return connection;
        })) {
      Loopback.Listener events = new Loopback.Listener();
      Loopback.Client client = server.connect(H2Limits.link(), events);
      Answer answer = new Answer();
      H2Stream stream =
          client.call(() -> client.connection().open(request("POST", null), false, answer));
      client.run(() -> stream.sendData(Unpooled.copiedBuffer(new byte[3]), false));
      get(answer.someData);
      H2Connection connection = get(accepted);
      server.call(
          connection,
          channel -> {
            connection.drain();
            return true;
          });
      assertEquals(0, get(events.goAway));
      assertFalse(client.call(() -> client.connection().canOpen()));
      client.run(() -> stream.sendData(Unpooled.copiedBuffer(new byte[3]), true));
      get(answer.end);
      assertEquals(6, answer.bytes);
      get(events.closed);
      assertTrue(client.channel().closeFuture().await(20, TimeUnit.SECONDS));
      assertFalse(answer.lost.isDone());
    }
  }

  @Test
  void tellsEachStreamOfALostConnection() throws Exception {
    CountDownLatch serverClosed = new CountDownLatch(1);
    ServerEvents mute =
        new Echo() {
          @Override
          public void onClosed(Throwable cause) {
            serverClosed.countDown();
          }
        };
    try (Loopback server =
        new Loopback(() -> H2Connection.server(H2Limits.link(), mute, Ticker.system()))) {
      Loopback.Listener events = new Loopback.Listener();
      Loopback.Client client = server.connect(H2Limits.link(), events);
      List<Answer> answers = new ArrayList<>();
      client.run(() -> {
        for (int i = 0; i < 50; i++) {
          Answer answer = new Answer();
          answers.add(answer);
          H2Stream stream = client.connection().open(request("POST", null), false, answer);
          stream.sendData(Unpooled.directBuffer().writeZero(100_000), false);
        }
      });
      get(answers.getFirst().someData);
      client.channel().close();
      for (Answer answer : answers) {
        get(answer.lost);
      }
      get(events.closed);
      assertTrue(serverClosed.await(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void resetsReachTheOtherSide() throws Exception {
    ServerEvents refusing =
        new Echo() {
          @Override
          public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
            stream.reset(H2Code.REFUSED_STREAM);
            return super.onRequest(stream, head, end);
          }
        };
    try (Loopback server =
        new Loopback(() -> H2Connection.server(H2Limits.link(), refusing, Ticker.system()))) {
      Loopback.Client client = server.connect(H2Limits.link(), new Loopback.Listener());
      Answer answer = new Answer();
      client.run(() -> client.connection().open(request("POST", null), false, answer));
      assertEquals(H2Code.REFUSED_STREAM, get(answer.reset));
      assertEquals(List.of(), answer.heads);
    }
  }

  private static RequestHead request(String method, String upgrade) {
    Fields fields = new Fields();
    fields.add("user-agent", "test");
    return new RequestHead(
        AsciiString.of(method),
        AsciiString.of("https"),
        AsciiString.of("a.test"),
        AsciiString.of("/path"),
        upgrade == null ? null : AsciiString.of(upgrade),
        fields);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(Loopback.DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}
