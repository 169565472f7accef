package anycast.backhaul.worker;

import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.link.Dialler;
import anycast.backhaul.link.OffLoopResolver;
import anycast.backhaul.runtime.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/// Connects to an app that speaks HTTP/2 by prior knowledge (RFC 9113 §3.3).
record AppDialler(AppTarget target, int connectMillis, EventLoops loops) implements Dialler {
  /// An app on this host answers a SYN in microseconds; a second SYN goes out after 1 s.
  static final int CONNECT_TIMEOUT_MILLIS = 2_000;

  @Override
  public Dialled dial(EventLoop loop, ConnectionEvents events, Consumer<Throwable> trouble) {
    H2Connection connection = H2Connection.client(H2Limits.link(), events, loops.ticker());
    Bootstrap client =
        OffLoopResolver.client(loops, loop, connectMillis)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(connection);
                  }
                });
    ChannelFuture connected = OffLoopResolver.connect(client, loop, target.host(), target.port());
    return new Dialled(connected, connection);
  }
}
