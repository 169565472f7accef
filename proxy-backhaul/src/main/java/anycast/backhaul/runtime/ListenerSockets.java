package anycast.backhaul.runtime;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// How listeners come by their sockets: inherited under the listener's name, else bound.
///
/// **Threading.** One thread, at the start; not an event loop.
///
/// @param loops that accepted connections are spread over
public record ListenerSockets(EventLoops loops, InheritedSockets inherited) {
  /// All are bound.
  public static ListenerSockets bound(EventLoops loops) {
    return new ListenerSockets(loops, InheritedSockets.none());
  }

  /// Listens. An inherited socket listens where it does, whatever `address` says.
  ///
  /// @param name of the listener
  /// @param assembled adds what the listener needs, the child handler at least
  /// @throws IOException with a sentence without the listener's name
  public Channel open(String name, HostPort address, Consumer<ServerBootstrap> assembled)
      throws IOException {
    OptionalInt fd = inherited.take(name);
    if (fd.isPresent()) {
      return adopt(fd.getAsInt(), assembled);
    }
    ServerBootstrap bootstrap = loops.server();
    assembled.accept(bootstrap);
    InetSocketAddress wanted = address.resolved();
    ChannelFuture bound = bootstrap.bind(wanted).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(address.unbound(bound.cause()));
    }
    return bound.channel();
  }

  /// Registered, never bound: it is bound, and it listens.
  private Channel adopt(int fd, Consumer<ServerBootstrap> assembled) throws IOException {
    ServerBootstrap bootstrap = loops.server(fd);
    assembled.accept(bootstrap);
    ChannelFuture registered = bootstrap.register().awaitUninterruptibly();
    if (!registered.isSuccess()) {
      throw new IOException(
          "cannot take over inherited descriptor " + fd + ": " + registered.cause().getMessage(),
          registered.cause());
    }
    return registered.channel();
  }
}
