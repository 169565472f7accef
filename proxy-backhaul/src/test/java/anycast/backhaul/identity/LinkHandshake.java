package anycast.backhaul.identity;

import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;

/// One handshake over a real socket, and what both ends made of it.
///
/// @param serverFault null where the server was content
/// @param clientFault null where the client was content, which in TLS 1.3 it is before the server
///   looked at its certificate
record LinkHandshake(
    Throwable serverFault,
    Throwable clientFault,
    SSLSession serverSession,
    SSLSession clientSession,
    String protocol) {

  static LinkHandshake between(SslContext server, SslContext client) throws Exception {
    try (EventLoops loops = EventLoops.start("handshake", Transport.AUTO, 1)) {
      CompletableFuture<SslHandler> serverSide = new CompletableFuture<>();
      CompletableFuture<SslHandler> clientSide = new CompletableFuture<>();
      Channel listener =
          loops
              .server()
              .childHandler(tls(server, serverSide))
              .bind(new InetSocketAddress("127.0.0.1", 0))
              .sync()
              .channel();
      Channel channel =
          loops
              .client(loops.loops().getFirst())
              .handler(tls(client, clientSide))
              .connect(listener.localAddress())
              .sync()
              .channel();
      SslHandler atServer = serverSide.get(10, TimeUnit.SECONDS);
      SslHandler atClient = clientSide.get(10, TimeUnit.SECONDS);
      atServer.handshakeFuture().await(10, TimeUnit.SECONDS);
      atClient.handshakeFuture().await(10, TimeUnit.SECONDS);
      LinkHandshake result =
          new LinkHandshake(
              atServer.handshakeFuture().cause(),
              atClient.handshakeFuture().cause(),
              atServer.engine().getSession(),
              atClient.engine().getSession(),
              atServer.applicationProtocol());
      channel.close().sync();
      listener.close().sync();
      return result;
    }
  }

  boolean succeeded() {
    return serverFault == null && clientFault == null;
  }

  String group() {
    return ((OpenSslSession) clientSession).getNamedGroup();
  }

  private static ChannelInitializer<Channel> tls(
      SslContext context, CompletableFuture<SslHandler> made) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        SslHandler handler = context.newHandler(channel.alloc());
        channel.pipeline().addLast(handler, new Quiet());
        made.complete(handler);
      }
    };
  }

  /// The handshake future tells the fault; the pipeline's end need not log it too.
  private static final class Quiet extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
