package anycast.edge.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a public HTTP/2 connection deals with clients that do nothing.
@Timeout(60)
class Http2ConnectionTest {
  private static final long SHORT_NANOS = Duration.ofMillis(400).toNanos();
  private static final long LONG_NANOS = Duration.ofHours(1).toNanos();

  private EventLoops loops;

  @BeforeEach
  void start() {
    loops = EventLoops.start("h2-test", Transport.AUTO, 1);
  }

  @AfterEach
  void stop() {
    loops.close();
    loops.group().terminationFuture().awaitUninterruptibly();
  }

  @Test
  void endsAConnectionInOrderThatNobodyUses() throws Exception {
    Client client = connect(new Http2Limits(H2Limits.publicSide(), SHORT_NANOS, LONG_NANOS));
    assertEquals(0, client.goAway.get(20, TimeUnit.SECONDS));
    client.closed.get(20, TimeUnit.SECONDS);
  }

  @Test
  void givesUpOnAClientThatTakesNothing() throws Exception {
    Client client = connect(new Http2Limits(H2Limits.publicSide(), LONG_NANOS, SHORT_NANOS));
    client.request();
    assertEquals(H2Code.CANCEL, client.reset.get(20, TimeUnit.SECONDS));
    client.channel.close().sync();
  }

  @Test
  void givesUpOnAClientThatTakesNothingAtOnceWhereTooMuchWaits() throws Exception {
    Client client =
        connect(new Http2Limits(H2Limits.publicSide(), LONG_NANOS, LONG_NANOS), 512 << 10);
    client.request();
    assertEquals(H2Code.CANCEL, client.reset.get(20, TimeUnit.SECONDS));
    client.channel.close().sync();
  }

  private Client connect(Http2Limits limits) throws Exception {
    return connect(limits, Long.MAX_VALUE);
  }

  private Client connect(Http2Limits limits, long unreadBytes) throws Exception {
    Unread unread = new Unread(loops.loops().getFirst(), unreadBytes);
    Served served = new Served(new Endless(), null, 443, true, loops.ticker(), null, unread);
    Channel listener =
        loops
            .server()
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Http2Connection connection = new Http2Connection(served, limits);
                    channel.pipeline().addLast(connection, connection.engine());
                  }
                })
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
    Client client = new Client();
    client.channel =
        loops
            .client(loops.loops().getFirst())
            .handler(client.engine)
            .connect(listener.localAddress())
            .sync()
            .channel();
    client.ready.get(20, TimeUnit.SECONDS);
    return client;
  }

  /// Answers with more than a client's window takes.
  private static final class Endless implements RequestSink {
    @Override
    public String newExchangeId() {
      return "id";
    }

    @Override
    public Exchange begin(
        Downstream downstream, RequestHead head, Arrival arrival, boolean end, EventLoop loop) {
      downstream.sendHead(new ResponseHead(200, new Fields()), false);
      downstream.sendData(Unpooled.wrappedBuffer(new byte[1 << 20]), true);
      return null;
    }
  }

  /// Reads heads and leaves all data in its window.
  private static final class Client implements ConnectionEvents, StreamEvents {
    final CompletableFuture<Void> ready = new CompletableFuture<>();
    final CompletableFuture<Integer> goAway = new CompletableFuture<>();
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    final CompletableFuture<Integer> reset = new CompletableFuture<>();
    final H2Connection engine = H2Connection.client(H2Limits.publicSide(), this, Ticker.system());
    private Channel channel;

    void request() throws Exception {
      RequestHead head =
          new RequestHead(
              AsciiString.of("GET"),
              AsciiString.of("https"),
              AsciiString.of("a.test"),
              AsciiString.of("/"),
              null,
              new Fields());
      channel.eventLoop().submit(() -> engine.open(head, true, this)).sync();
    }

    @Override
    public void onReady() {
      ready.complete(null);
    }

    @Override
    public void onGoAway(int lastStreamId, int code) {
      goAway.complete(code);
    }

    @Override
    public void onClosed(Throwable cause) {
      closed.complete(null);
    }

    @Override
    public void onPong(long nanosRoundTrip) {}

    @Override
    public void onHead(ResponseHead head, boolean end) {}

    @Override
    public void onData(ByteBuf data, boolean end) {
      data.release();
    }

    @Override
    public void onTrailers(Fields trailers) {}

    @Override
    public void onSent(int bytes) {}

    @Override
    public void onReset(int errorCode) {
      reset.complete(errorCode);
    }

    @Override
    public void onConnectionLost() {
      reset.complete(-1);
    }
  }
}
