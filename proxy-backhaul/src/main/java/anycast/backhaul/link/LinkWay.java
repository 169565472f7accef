package anycast.backhaul.link;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.ListenerSockets;
import anycast.backhaul.watchdog.Canary;
import anycast.backhaul.watchdog.CanaryApp;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.model.Reserved;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A worker's request to itself: a link of its own, dialled with the worker's own identity, and one
/// stream on it.
///
/// Each request takes the next loop as its client's, so that in turn all loops have to answer.
///
/// **Threading.** [#go] on the canary's thread, which waits; what it waits for runs on a loop.
public final class LinkWay implements Canary.Way {
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString SCHEME = AsciiString.cached("https");

  /// Any of the service's.
  private static final int PORT = CanaryApp.PORT;

  private static final String ID = "canary";

  private final EventLoops loops;
  private final CanaryApp app;
  private final NodeDialler dialler;
  private int turn;

  /// @param listener where the acceptor listens
  public LinkWay(EventLoops loops, Identity identity, InetSocketAddress listener, CanaryApp app) {
    this.loops = loops;
    this.app = app;
    HostPort target = HostPort.of(ListenerSockets.reachable(listener));
    this.dialler = new NodeDialler(identity.self().node(), target, loops, identity);
  }

  @Override
  public String name() {
    return LinkAcceptor.NAME;
  }

  @Override
  public void go(Duration limit) throws IOException, InterruptedException {
    List<EventLoop> all = loops.loops();
    turn = (turn + 1) % all.size();
    EventLoop loop = all.get(turn);
    Trip trip = new Trip();
    loop.execute(() -> trip.onBegin(loop));
    try {
      trip.done.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + limit.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } finally {
      loop.execute(trip::onEnd);
    }
  }

  /// One request under way. Its loop's, but for the future.
  private final class Trip implements ConnectionEvents, StreamEvents {
    final CompletableFuture<Void> done = new CompletableFuture<>();
    private final StringBuilder body = new StringBuilder();
    private Dialler.Dialled dialled;
    private H2Stream stream;
    private int status;

    void onBegin(EventLoop loop) {
      if (done.isDone()) {
        return;
      }
      dialled = dialler.dial(loop, this, this::fail);
      dialled
          .connected()
          .addListener((ChannelFuture connected) -> {
            if (!connected.isSuccess()) {
              fail(connected.cause());
            }
          });
    }

    /// Also before it began, where the loop was too busy for that.
    void onEnd() {
      done.cancel(false);
      if (dialled != null) {
        Dialler.cut(dialled.connected().channel());
      }
    }

    private void fail(Throwable cause) {
      done.completeExceptionally(new IOException(LinkFaults.reason(cause), cause));
    }

    private void fail(String why) {
      done.completeExceptionally(new IOException(why));
    }

    private RequestHead head() {
      Fields fields = new Fields(BackhaulHead.TYPICAL_BYTES, BackhaulHead.FIELDS);
      long now = loops.ticker().nanos();
      Arrival arrival = new Arrival(ID, InetAddress.getLoopbackAddress(), PORT, true, "2", now);
      new BackhaulHead(
              Reserved.INSTANCE, BackhaulHead.Ask.USUAL, arrival, BackhaulHead.FIRST_HOP_BUDGET)
          .encode(fields, now);
      return new RequestHead(
          GET, SCHEME, AsciiString.of(Reserved.HOST), AsciiString.of(app.path()), null, fields);
    }

    @Override
    public void onReady() {
      stream = dialled.connection().open(head(), true, this);
      if (stream == null) {
        fail("the listener takes no stream");
      }
    }

    @Override
    public void onHead(ResponseHead head, boolean end) {
      status = head.status();
      if (end) {
        answered();
      }
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
      int bytes = data.readableBytes();
      body.append(data.toString(StandardCharsets.US_ASCII));
      data.release();
      stream.consumed(bytes);
      if (end) {
        answered();
      }
    }

    private void answered() {
      if (app.isAnswer(status, body.toString())) {
        done.complete(null);
      } else {
        fail("status " + status);
      }
    }

    @Override
    public void onTrailers(Fields trailers) {
      answered();
    }

    @Override
    public void onSent(int bytes) {}

    @Override
    public void onReset(int errorCode) {
      fail("the stream was reset with code " + errorCode);
    }

    @Override
    public void onConnectionLost() {
      fail("the link was lost");
    }

    @Override
    public void onGoAway(int lastStreamId, int code) {
      // What is open may finish.
    }

    @Override
    public void onClosed(Throwable cause) {
      if (cause == null) {
        fail("the listener closed the link");
      } else {
        fail(cause);
      }
    }

    @Override
    public void onPong(long nanosRoundTrip) {}
  }
}
