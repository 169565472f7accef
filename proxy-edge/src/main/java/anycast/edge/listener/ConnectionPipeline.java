package anycast.edge.listener;

import anycast.backhaul.runtime.CounterCell;
import anycast.edge.protocol.DrainEvent;
import anycast.edge.protocol.Http1Connection;
import anycast.edge.protocol.Http2Connection;
import anycast.edge.protocol.Served;
import anycast.edge.request.Accepted;
import anycast.edge.request.Secured;
import anycast.edge.tls.CertifiedNames;
import anycast.edge.tls.HandshakeEnd;
import anycast.edge.tls.TlsTerminator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;

/// Assembles each accepted connection's pipeline; the connection's walk in execution order.
///
/// ```
/// accept ─► TlsTerminator ─► library's TLS ─► HandshakeEnd ─► Http2Connection ─► H2Connection
///    │       (name, offer)                     (protocol)  └─► Http1Connection
///    └────────────────────── plain listener ─────────────────►
/// ```
///
/// **Threading.** Shared by all loops; holds nothing of a connection.
@Sharable
final class ConnectionPipeline extends ChannelInitializer<Channel> {
  /// What waits below the high mark has given its credit back and is counted by nobody, so a
  /// thousand clients that read nothing may hold a thousand of these: a quarter of what links have.
  private static final WriteBufferWaterMark HTTP1_MARKS =
      new WriteBufferWaterMark(16 << 10, 64 << 10);

  private final ListenerConfig listener;
  private final ConnectionTerms terms;
  private final OpenConnections open;

  ConnectionPipeline(ListenerConfig listener, ConnectionTerms terms, OpenConnections open) {
    this.listener = listener;
    this.terms = terms;
    this.open = open;
  }

  @Override
  protected void initChannel(Channel channel) {
    boolean own = open.isOwn(channel);
    CounterCell counters =
        own ? terms.counters().aside() : terms.counters().cell(channel.eventLoop());
    if (!open.admit(channel, counters)) {
      channel.close();
      return;
    }
    if (!(channel.remoteAddress() instanceof InetSocketAddress client)
        || !(channel.localAddress() instanceof InetSocketAddress local)) {
      // Gone between the kernel's accept and ours.
      channel.close();
      return;
    }
    Accepted accepted =
        new Accepted(
            listener.name(), listener.port(), client.getAddress(), local.getAddress(), own);
    if (!listener.tls()) {
      addHttp1(channel, new Secured(accepted, null));
      return;
    }
    ChannelPipeline pipeline = channel.pipeline();
    // First, as nobody else can read these bytes; it gives its place to the library.
    pipeline.addLast(new TlsTerminator(terms.tls(), counters, terms.ticker()));
    // Behind TLS, because only the finished handshake says which protocol comes next.
    pipeline.addLast(
        new HandshakeEnd(
            terms.tls(),
            counters,
            terms.ticker(),
            (names, protocol) -> speak(channel, accepted, names, protocol)));
  }

  private void speak(
      Channel channel, Accepted accepted, CertifiedNames names, HandshakeEnd.Protocol protocol) {
    Secured secured = new Secured(accepted, names);
    switch (protocol) {
      case HTTP_2 -> addHttp2(channel, secured);
      case HTTP_1_1 -> addHttp1(channel, secured);
    }
  }

  private void addHttp2(Channel channel, Secured secured) {
    Http2Connection connection =
        new Http2Connection(served(channel.eventLoop(), secured), terms.limits().http2());
    // The lifetime before the engine: it hears of a drain first and says so by GOAWAY.
    channel.pipeline().addLast(connection);
    channel.pipeline().addLast(connection.engine());
    repeatDrain(channel);
  }

  private void addHttp1(Channel channel, Secured secured) {
    // HTTP/1 has no flow control of its own: bytes are read only when somebody has room for them.
    channel.config().setAutoRead(false);
    channel.config().setWriteBufferWaterMark(HTTP1_MARKS);
    channel
        .pipeline()
        .addLast(new Http1Connection(served(channel.eventLoop(), secured), terms.limits().http1()));
    repeatDrain(channel);
  }

  /// A drain that began before the protocol stood found nobody to hear it.
  private void repeatDrain(Channel channel) {
    if (open.draining()) {
      channel
          .eventLoop()
          .execute(() -> channel.pipeline().fireUserEventTriggered(DrainEvent.DRAIN));
    }
  }

  private Served served(EventLoop loop, Secured secured) {
    return new Served(
        terms.sinks().sink(secured, loop),
        terms.answers(),
        listener.port(),
        listener.tls(),
        terms.ticker(),
        terms.refusals(),
        terms.unread().mine());
  }
}
