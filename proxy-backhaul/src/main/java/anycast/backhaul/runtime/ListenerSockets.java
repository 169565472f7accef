package anycast.backhaul.runtime;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How listeners come by their sockets: inherited under the listener's name, else bound.
///
/// **Threading.** One thread, at the start; not an event loop.
///
/// @param loops that accepted connections are spread over
public record ListenerSockets(EventLoops loops, InheritedSockets inherited) {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerSockets.class);
  private static final String FOUR = "127.0.0.1";
  private static final String SIX = "::1";

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
      return alone(name, adopt(fd.getAsInt(), assembled));
    }
    ServerBootstrap bootstrap = loops.server();
    assembled.accept(bootstrap);
    InetSocketAddress wanted = address.resolved();
    ChannelFuture bound = bootstrap.bind(wanted).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(address.unbound(bound.cause()));
    }
    return alone(name, bound.channel());
  }

  /// Where another socket listens on the same address, by SO_REUSEPORT, the kernel gives it a share
  /// of the connections, whoever holds it and whether or not anybody accepts.
  private static Channel alone(String name, Channel channel) {
    int listening = Listening.on((InetSocketAddress) channel.localAddress());
    if (listening > 1) {
      LOG.warn(
          "listener {}: {} sockets listen on {}: connections that the others get may hang",
          name,
          listening,
          channel.localAddress());
    }
    return channel;
  }

  /// Where a client on this host finds a listener: who listens everywhere listens on loopback, too.
  ///
  /// @param address that it is bound to
  public static InetSocketAddress reachable(InetSocketAddress address) {
    if (!address.getAddress().isAnyLocalAddress()) {
      return address;
    }
    // `::` alone may be IPv6 alone, and a host may have no IPv6.
    boolean wide = address.getAddress() instanceof Inet6Address && isLocal(SIX);
    return new InetSocketAddress(wide ? SIX : FOUR, address.getPort());
  }

  private static boolean isLocal(String address) {
    try {
      return NetworkInterface.getByInetAddress(InetAddress.getByName(address)) != null;
    } catch (IOException e) {
      return false;
    }
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
