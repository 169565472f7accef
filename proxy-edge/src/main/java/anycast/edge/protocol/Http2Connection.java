package anycast.edge.protocol;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.ServerEvents;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.runtime.Recurring;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// One public HTTP/2 connection: begins an exchange for each stream, and ends the connection when
/// it idles, stalls or is asked to drain. The engine, which does the protocol, stands behind it in
/// the pipeline.
///
/// **Threading.** The channel's event loop. **Limits.** One timer a connection, whatever it does.
public final class Http2Connection extends ChannelInboundHandlerAdapter implements ServerEvents {
  private final Served served;
  private final Http2Limits limits;
  private final H2Connection engine;

  private InetAddress client;
  private EventLoop loop;
  private Future<?> timer;

  /// Set by every stream that comes or goes, cleared by the timer: requests read no clock for it.
  private boolean used = true;

  private long unusedSinceNanos;

  /// First of the streams that are not over; each holds its neighbours.
  private Http2Downstream first;

  public Http2Connection(Served served, Http2Limits limits) {
    this.served = served;
    this.limits = limits;
    engine = H2Connection.server(limits.h2(), this, served.ticker());
  }

  /// What has to stand right behind this in the pipeline.
  public H2Connection engine() {
    return engine;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    loop = ctx.channel().eventLoop();
    client = ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress();
    long periodNanos = Math.min(limits.idleNanos(), limits.stallNanos()) / 2;
    timer = Recurring.every(loop, periodNanos, this::onTimer);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.cancel(false);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    timer.cancel(false);
    ctx.fireChannelInactive();
  }

  /// Two GOAWAYs, then the streams that are open finish (RFC 9113 §6.8).
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == DrainEvent.DRAIN) {
      engine.drain();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
    used = true;
    String id = served.sink().newExchangeId();
    Arrival arrival =
        new Arrival(id, client, served.port(), served.tls(), "2", served.ticker().nanos());
    Http2Downstream downstream = new Http2Downstream(this, stream, head.method(), id, end);
    link(downstream);
    downstream.begun(served.sink().begin(downstream, head, arrival, end, loop));
    return downstream;
  }

  private void onTimer() {
    long now = served.ticker().nanos();
    if (used || first != null) {
      used = false;
      unusedSinceNanos = now;
    } else if (now - unusedSinceNanos >= limits.idleNanos()) {
      engine.drain();
    }
    Http2Downstream each = first;
    while (each != null) {
      Http2Downstream next = each.after;
      each.onTimer(now, limits.stallNanos());
      each = next;
    }
  }

  Unread unread() {
    return served.unread();
  }

  FaultAnswers answers() {
    return served.answers();
  }

  private void link(Http2Downstream downstream) {
    downstream.after = first;
    if (first != null) {
      first.before = downstream;
    }
    first = downstream;
  }

  /// The stream is over in both directions.
  void unlink(Http2Downstream downstream) {
    if (downstream.before != null) {
      downstream.before.after = downstream.after;
    } else {
      first = downstream.after;
    }
    if (downstream.after != null) {
      downstream.after.before = downstream.before;
    }
    used = true;
  }

  @Override
  public void onReady() {}

  @Override
  public void onGoAway(int lastStreamId, int code) {}

  @Override
  public void onClosed(Throwable cause) {}

  @Override
  public void onPong(long nanosRoundTrip) {}
}
