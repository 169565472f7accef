package anycast.backhaul.link;

import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.PeerCheck;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.HostPort;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.util.function.Consumer;

/// Dials one worker: TCP, mutual TLS, then the check that it is the worker that the table named.
final class NodeDialler implements Dialler {
  /// A SYN lost once is sent again after 1 s; one lost twice is a node that is not there.
  static final int CONNECT_TIMEOUT_MILLIS = 2_000;

  /// No sooner than the whole dial, whose limit it is.
  static final long HANDSHAKE_TIMEOUT_MILLIS = Link.DIAL_LIMIT_NANOS / 1_000_000;

  private final NodeId node;
  private final HostPort address;
  private final EventLoops loops;
  private final Identity identity;

  NodeDialler(NodeId node, HostPort address, EventLoops loops, Identity identity) {
    this.node = node;
    this.address = address;
    this.loops = loops;
    this.identity = identity;
  }

  /// What an edge takes in from a worker: a first window of 256 KiB lets most responses from
  /// another region come without a pause for credit. Wide windows share half of the 32 MiB; clients
  /// that stall give theirs up before they stall the link.
  static H2Limits limits() {
    H2Limits link = H2Limits.link();
    return new H2Limits(
        link.maxStreams(),
        256 << 10,
        H2Limits.connectionWindow(32 << 20),
        link.maxFrameBytes(),
        link.maxHeaderListBytes(),
        link.maxContinuations(),
        link.maxResetsPerWindow(),
        link.maxGlitches(),
        link.resetWindowNanos(),
        link.extendedConnect(),
        link.shared());
  }

  @Override
  public Dialled dial(EventLoop loop, ConnectionEvents events, Consumer<Throwable> trouble) {
    H2Connection connection = H2Connection.client(limits(), events, loops.ticker());
    Bootstrap client =
        OffLoopResolver.client(loops, loop, CONNECT_TIMEOUT_MILLIS)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    assemble(channel, connection, trouble);
                  }
                });
    ChannelFuture connected = OffLoopResolver.connect(client, loop, address.host(), address.port());
    return new Dialled(connected, connection);
  }

  /// TLS first as it makes bytes readable; the gate before HTTP/2, which must not hear a stranger.
  private void assemble(Channel channel, H2Connection connection, Consumer<Throwable> trouble) {
    SslHandler tls =
        identity.linkClient().newHandler(channel.alloc(), address.host(), address.port());
    tls.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT_MILLIS);
    PeerGate gate =
        new PeerGate(
            session -> PeerCheck.node(session, Node.Role.WORKER, node), peer -> {}, trouble);
    channel.pipeline().addLast(tls, gate, connection);
  }
}
