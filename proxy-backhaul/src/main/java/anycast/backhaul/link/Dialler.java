package anycast.backhaul.link;

import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Connection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.util.function.Consumer;

/// Makes the connection under a link.
public interface Dialler {
  /// Connects on `loop` and builds the pipeline, whose last part is the HTTP/2 connection.
  ///
  /// @param events of the connection; `onReady` says that the peer took us
  /// @param trouble hears why a connection that stands is about to be closed, such as a peer of the
  ///   wrong role
  Dialled dial(EventLoop loop, ConnectionEvents events, Consumer<Throwable> trouble);

  /// A dial under way.
  ///
  /// @param connected the TCP connection
  record Dialled(ChannelFuture connected, H2Connection connection) {}

  /// Closes without a word: neither TLS nor HTTP/2 gets a chance to wait for a peer that no longer
  /// reads.
  static void cut(Channel channel) {
    if (!channel.isRegistered()) {
      return; // it never came about, or is gone
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      channel.close();
    } else {
      channel.pipeline().context(tls).close();
    }
  }
}
