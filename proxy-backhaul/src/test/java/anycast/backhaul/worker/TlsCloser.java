package anycast.backhaul.worker;

import anycast.backhaul.identity.Identity;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/// A worker that shows its certificate and closes at once.
final class TlsCloser implements Closeable {
  private final EventLoops loops = EventLoops.start("closer", Transport.AUTO, 1);
  private Channel listener;

  private TlsCloser() {}

  static TlsCloser start(Identity worker) {
    TlsCloser closer = new TlsCloser();
    closer.listener =
        closer
            .loops
            .server()
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(worker.linkServer().newHandler(channel.alloc()), new Closes());
                  }
                })
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .syncUninterruptibly()
            .channel();
    return closer;
  }

  private static final class Closes extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent) {
        context.close();
      }
    }
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void close() throws IOException {
    try {
      loops.stop(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
