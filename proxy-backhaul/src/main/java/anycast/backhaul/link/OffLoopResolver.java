package anycast.backhaul.link;

import anycast.backhaul.runtime.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Host names through the system's resolver, on a virtual thread: the resolver blocks, an event
/// loop must not. IP literals never come here.
public final class OffLoopResolver extends AddressResolverGroup<InetSocketAddress> {
  /// Keeps nothing but one resolver an event loop, so one group serves the process.
  private static final OffLoopResolver SHARED = new OffLoopResolver();

  private OffLoopResolver() {}

  /// Connects on `loop` and looks names up elsewhere: the one way that this process dials.
  public static Bootstrap client(EventLoops loops, EventLoop loop, int connectTimeoutMillis) {
    return loops
        .client(loop)
        .resolver(SHARED)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMillis);
  }

  /// Connects a [#client], on its loop. What became of it is told on the loop, too: where no socket
  /// can be had, for want of descriptors, Netty tells it on a thread of its own.
  ///
  /// @param host a name, or an IP literal
  public static ChannelFuture connect(Bootstrap client, EventLoop loop, String host, int port) {
    ChannelFuture connecting = client.connect(target(host, port));
    Throwable cause = connecting.cause();
    return cause == null || connecting.channel().isRegistered()
        ? connecting
        : new DefaultChannelPromise(connecting.channel(), loop).setFailure(cause);
  }

  /// What to connect to: resolved where `host` is an IP literal.
  private static InetSocketAddress target(String host, int port) {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
    return literal == null
        ? InetSocketAddress.createUnresolved(host, port)
        : new InetSocketAddress(literal, port);
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new Lookup(executor).asAddressResolver();
  }

  private static final class Lookup extends InetNameResolver {
    Lookup(EventExecutor executor) {
      super(executor);
    }

    @Override
    protected void doResolve(String host, Promise<InetAddress> promise) {
      Thread.startVirtualThread(() -> {
        try {
          promise.trySuccess(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
          promise.tryFailure(e);
        }
      });
    }

    @Override
    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
      Thread.startVirtualThread(() -> {
        try {
          promise.trySuccess(List.of(InetAddress.getAllByName(host)));
        } catch (UnknownHostException e) {
          promise.tryFailure(e);
        }
      });
    }
  }
}
