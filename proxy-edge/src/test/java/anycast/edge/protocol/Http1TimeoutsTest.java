package anycast.edge.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.h1.Bytes;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.MockTicker;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Times of a connection, under a clock that the test moves.
class Http1TimeoutsTest {
  private final Counters counters = new Counters(List.of());
  private static final String POST = "POST /hold HTTP/1.1␤Host: a.test␤";

  private final MockTicker time = io.netty.util.concurrent.Ticker.newMockTicker();
  private final Ticker ticker = time::nanoTime;
  private final App app = new App();
  private final Gate gate = new Gate();
  private final EmbeddedChannel channel =
      EmbeddedChannel.builder()
          .ticker(time)
          .handlers(
              gate,
              new Http1Connection(
                  Stage.served(
                      new Walk(app, ticker), ticker, new RefusalLog(counters.shared(), ticker, 1)),
                  Http1Limits.publicSide()))
          .build();

  /// The socket: full when closed, as if the client took nothing.
  private static final class Gate extends ChannelOutboundHandlerAdapter {
    private boolean shut;

    @Override
    public void flush(ChannelHandlerContext ctx) {
      if (!shut) {
        ctx.flush();
      }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ctx.write(message, promise);
    }
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void send(String text) {
    channel.writeInbound(Bytes.of(text));
    channel.runPendingTasks();
  }

  private void pass(long seconds) {
    for (int i = 0; i < seconds; i++) {
      time.advance(1, TimeUnit.SECONDS);
      channel.runPendingTasks();
    }
  }

  private String read() {
    StringBuilder text = new StringBuilder();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      text.append(Bytes.text(each).replace("\r\n", "␤"));
      each.release();
    }
    return text.toString();
  }

  @Test
  void aConnectionWithoutAByteIsClosedAfterTenSeconds() {
    pass(9);
    assertTrue(channel.isOpen());
    pass(1);
    assertFalse(channel.isOpen());
    assertEquals("", read());
  }

  @Test
  void aHeadThatTricklesIsAnswered408AfterTenSecondsInAll() {
    send("GET / HT");
    pass(5);
    send("TP/1.1␤H");
    pass(4);
    assertTrue(channel.isOpen());
    pass(1);
    assertTrue(read().startsWith("HTTP/1.1 408 Request Timeout␤"));
    assertFalse(channel.isOpen());
    assertNull(app.attempts.poll());
  }

  @Test
  void keepAliveEndsAfterSeventyFiveSecondsOfNothing() {
    for (int i = 0; i < 3; i++) {
      send("GET / HTTP/1.1␤Host: a.test␤␤");
      assertTrue(read().endsWith("ok"));
      pass(74);
      assertTrue(channel.isOpen());
    }
    send("GET / HTTP/1.1␤Host: a.test␤␤");
    pass(75);
    assertTrue(read().endsWith("ok"));
    assertFalse(channel.isOpen());
  }

  @Test
  void theSecondHeadHasTenSecondsToo() {
    send("GET / HTTP/1.1␤Host: a.test␤␤");
    pass(60);
    read();
    send("G");
    pass(9);
    assertTrue(channel.isOpen());
    pass(1);
    assertTrue(read().startsWith("HTTP/1.1 408 "));
  }

  @Test
  void aBodyThatStopsIsAnswered408AndCancelledUpstream() {
    send(POST + "Content-Length: 100␤␤abc");
    pass(19);
    assertTrue(channel.isOpen());
    assertNull(app.seen.poll());
    pass(1);
    assertTrue(read().startsWith("HTTP/1.1 408 "));
    assertEquals("cancel /hold REQUEST_TIMEOUT", app.seen.poll());
  }

  @Test
  void aBodyBelow240BytesASecondIsTooSlowAndOneAboveIsNot() {
    send(POST + "Content-Length: 100000␤␤");
    for (int i = 0; i < 60; i++) {
      send("x".repeat(250));
      pass(1);
    }
    assertTrue(channel.isOpen());
    for (int i = 0; i < 41 && channel.isOpen(); i++) {
      send("x".repeat(200));
      pass(1);
    }
    assertFalse(channel.isOpen());
    assertEquals("cancel /hold REQUEST_TIMEOUT", app.seen.poll());
  }

  @Test
  void aClientIsNotSlowWhileTheAppTakesNothing() {
    send(POST + "Content-Length: 100000␤␤" + "x".repeat(70_000));
    pass(600);
    assertTrue(channel.isOpen());
    assertNull(app.seen.poll());
    app.attempts.element().swallow();
    channel.runPendingTasks();
    pass(19);
    assertTrue(channel.isOpen());
    pass(1);
    assertFalse(channel.isOpen());
  }

  @Test
  void aClientThatWaitsForContinueIsNotSlow() {
    send(POST + "Content-Length: 10␤Expect: 100-continue␤␤");
    pass(100);
    assertTrue(channel.isOpen());
    send("a");
    pass(20);
    assertTrue(read().startsWith("HTTP/1.1 408 "));
  }

  @Test
  void aClientThatTakesNothingForSixtySecondsIsReset() {
    gate.shut = true;
    send("GET /big/1000000 HTTP/1.1␤Host: a.test␤␤");
    pass(59);
    assertTrue(channel.isOpen());
    assertEquals("GET a.test/big/1000000 ", app.seen.poll());
    pass(16);
    assertFalse(channel.isOpen());
    assertEquals("cancel /big/1000000 CLIENT_STALLED", app.seen.poll());
  }

  @Test
  void noMoreThanTheWindowWaitsForAStalledClient() {
    gate.shut = true;
    send("GET /big/1000000 HTTP/1.1␤Host: a.test␤␤");
    assertEquals(0, app.attempts.element().windowBytes());
    assertTrue(channel.unsafe().outboundBuffer().totalPendingWriteBytes() < 70_000);
    gate.shut = false;
    channel.flush();
    channel.runPendingTasks();
    assertTrue(read().length() > 1_000_000);
  }

  @Test
  void anIdleStreamOfAnAppIsNotTheClientsFault() {
    send("GET /hold HTTP/1.1␤Host: a.test␤␤");
    pass(3600);
    assertTrue(channel.isOpen());
  }

  @Test
  void aClientThatClosedItsSideHasASecondForTheAnswer() {
    send("GET /hold HTTP/1.1␤Host: a.test␤␤");
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertNull(app.seen.poll());
    pass(1);
    assertEquals("cancel /hold CLIENT_GONE", app.seen.poll());
    assertFalse(channel.isOpen());
  }

  @Test
  void aClientThatClosedItsSideInTheMiddleOfARequestHasLeft() {
    send(POST + "Content-Length: 100␤␤abc");
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertEquals("cancel /hold CLIENT_GONE", app.seen.poll());
    assertFalse(channel.isOpen());
  }

  @Test
  void aDrainEndsIdleConnectionsAtOnceAndBusyOnesBehindTheAnswer() {
    send("POST / HTTP/1.1␤Host: a.test␤Content-Length: 1␤␤");
    channel.pipeline().fireUserEventTriggered(DrainEvent.DRAIN);
    channel.runPendingTasks();
    assertTrue(channel.isOpen());
    send("x");
    assertEquals("HTTP/1.1 200 OK␤content-length: 2␤connection: close␤␤ok", read());
    assertFalse(channel.isOpen());
    EmbeddedChannel idle =
        EmbeddedChannel.builder()
            .ticker(time)
            .handlers(
                new Http1Connection(
                    Stage.served(
                        new Walk(app, ticker),
                        ticker,
                        new RefusalLog(counters.shared(), ticker, 1)),
                    Http1Limits.publicSide()))
            .build();
    idle.pipeline().fireUserEventTriggered(DrainEvent.DRAIN);
    idle.runPendingTasks();
    assertFalse(idle.isOpen());
  }

  @Test
  void refusalsAreCountedAllAndLoggedRarely() {
    RefusalLog log = new RefusalLog(counters.shared(), ticker, 2);
    for (int i = 0; i < 1000; i++) {
      log.onRefused(
          channel.remoteAddress(),
          anycast.backhaul.fault.Fault.of(anycast.backhaul.fault.FaultKind.BAD_REQUEST, "test"));
    }
    assertEquals(1000, counters.sum(Counter.REQUESTS_MALFORMED));
  }
}
