package anycast.edge.protocol;

import io.netty.channel.ChannelInboundHandlerAdapter;

/// One public HTTP/1 connection, last in its pipeline. The channel has autoRead off.
public final class Http1Connection extends ChannelInboundHandlerAdapter {
  public Http1Connection(Served served, Http1Limits limits) {}
}
