package anycast.backhaul.h2;

import anycast.routing.time.Ticker;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/// Real connections on the loopback interface: a server on a free port, clients to it.
final class Loopback implements AutoCloseable {
  static final long DEADLINE_SECONDS = 20;

  final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private Channel listener;

  /// Serves each connection with what `connections` makes.
  Loopback(Supplier<H2Connection> connections) {
    listener =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channels.add(channel);
                    channel.pipeline().addLast(connections.get());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  static H2Connection echo(H2Limits limits) {
    return H2Connection.server(limits, new Echo(), Ticker.system());
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  Client connect(H2Limits limits, Listener events) throws Exception {
    H2Connection connection = H2Connection.client(limits, events, Ticker.system());
    Channel channel =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(connection)
            .connect(InetAddress.getLoopbackAddress(), port())
            .sync()
            .channel();
    channels.add(channel);
    events.ready.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    return new Client(connection, channel);
  }

  /// Asks the channel of an accepted connection, on its event loop.
  <T> T call(H2Connection connection, Function<Channel, T> question) throws Exception {
    for (Channel channel : channels) {
      // Looked up on the loop: the pipeline may be under construction.
      Optional<T> answer =
          channel
              .eventLoop()
              .submit(() ->
                  channel.pipeline().get(H2Connection.class) == connection
                      ? Optional.of(question.apply(channel))
                      : Optional.<T>empty())
              .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    throw new AssertionError("no such connection");
  }

  /// A client's connection, and the loop that it may be touched on.
  record Client(H2Connection connection, Channel channel) {
    <T> T call(Callable<T> task) throws Exception {
      return channel.eventLoop().submit(task).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    void run(Runnable task) throws Exception {
      channel.eventLoop().submit(task).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /// What a client's connection tells, as futures.
  static class Listener implements ConnectionEvents {
    final CompletableFuture<Void> ready = new CompletableFuture<>();
    final CompletableFuture<Integer> goAway = new CompletableFuture<>();
    final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    final CompletableFuture<Long> pong = new CompletableFuture<>();

    @Override
    public void onReady() {
      ready.complete(null);
    }

    @Override
    public void onGoAway(int lastStreamId, int code) {
      goAway.complete(code);
    }

    @Override
    public void onClosed(Throwable cause) {
      closed.complete(true);
    }

    @Override
    public void onPong(long nanosRoundTrip) {
      pong.complete(nanosRoundTrip);
    }
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    channels.close().syncUninterruptibly();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
