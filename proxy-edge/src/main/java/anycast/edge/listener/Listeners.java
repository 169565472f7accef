package anycast.edge.listener;

import anycast.backhaul.runtime.ListenerSockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// All listeners of an edge, and the connections that came through them.
///
/// One socket a listener: the kernel then says clearly that a port is taken, and each accepted
/// connection goes to the next loop in turn, which spreads them more evenly than a socket for each
/// loop.
///
/// **Threading.** One thread opens, drains and closes; not an event loop.
public final class Listeners implements AutoCloseable {
  private final OpenConnections open;
  private final List<Bound> bound;

  /// A listener with its socket.
  private record Bound(ListenerConfig config, Channel channel) {}

  /// Where a listener listens.
  public record Listening(ListenerConfig config, InetSocketAddress address) {}

  private Listeners(OpenConnections open, List<Bound> bound) {
    this.open = open;
    this.bound = bound;
  }

  /// Binds them all; nobody is accepted before [#accept].
  ///
  /// @param sockets by the listeners' names
  /// @throws IOException with one sentence naming listener and address; then none is left bound
  public static Listeners open(
      List<ListenerConfig> configs, ListenerSockets sockets, ConnectionTerms terms)
      throws IOException {
    OpenConnections open = new OpenConnections(terms.limits().connections());
    List<Bound> bound = new ArrayList<>();
    for (ListenerConfig config : configs) {
      // Bound early, so that a taken port is told at once; served when there is a table.
      Consumer<ServerBootstrap> assembled =
          bootstrap ->
              bootstrap
                  .option(ChannelOption.AUTO_READ, false)
                  .childHandler(new ConnectionPipeline(config, terms, open));
      try {
        bound.add(new Bound(config, sockets.open(config.name(), config.listen(), assembled)));
      } catch (IOException | IllegalStateException e) {
        bound.forEach(each -> each.channel().close().awaitUninterruptibly());
        throw new IOException("listener " + config.name() + " " + e.getMessage(), e);
      }
    }
    return new Listeners(open, List.copyOf(bound));
  }

  /// Begins to take connections; those that waited in the kernel's queue come first.
  public void accept() {
    bound.forEach(each -> each.channel().config().setAutoRead(true));
  }

  public List<Listening> listening() {
    return bound.stream()
        .map(
            each -> new Listening(each.config(), (InetSocketAddress) each.channel().localAddress()))
        .toList();
  }

  /// Lets a connection of this process to itself in, also where clients have reached the limit;
  /// until [#forget].
  ///
  /// @param client where it comes from
  public void expect(SocketAddress client) {
    open.expect(client);
  }

  public void forget(SocketAddress client) {
    open.forget(client);
  }

  /// Client connections that are open.
  public int connections() {
    return open.count();
  }

  /// Stops accepting, asks all connections to end in order, and waits.
  ///
  /// @param timeout after which the rest is closed
  /// @return whether all ended by themselves
  public boolean drain(Duration timeout) throws InterruptedException {
    bound.forEach(each -> each.channel().close().awaitUninterruptibly());
    open.drain();
    return open.awaitNone(timeout);
  }

  @Override
  public void close() {
    bound.forEach(each -> each.channel().close().awaitUninterruptibly());
    open.close();
  }
}
