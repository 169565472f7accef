package anycast.edge.listener;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.edge.protocol.DrainEvent;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The client connections that are open, over all listeners: how many there may be, and how all of
/// them end.
///
/// **Threading.** Any thread. One atomic counter, because the loops share the limit.
final class OpenConnections {
  private final int limit;
  private final AtomicInteger count = new AtomicInteger();
  private final ChannelGroup channels =
      new DefaultChannelGroup("clients", GlobalEventExecutor.INSTANCE);
  private final CountDownLatch none = new CountDownLatch(1);

  /// The process' own connections to itself that are about to come.
  private final Set<SocketAddress> own = ConcurrentHashMap.newKeySet();

  private volatile boolean draining;

  OpenConnections(int limit) {
    this.limit = limit;
  }

  /// Counts a connection in, and out when it closes.
  ///
  /// @param counters of the connection's event loop, on which this is called; of nobody where the
  ///   connection is the process' own
  /// @return false where there are too many
  boolean admit(Channel channel, CounterCell counters) {
    counters.add(Counter.CONNECTIONS_ACCEPTED);
    boolean room = (count.incrementAndGet() <= limit || isOwn(channel)) && !draining;
    if (room) {
      channels.add(channel);
    } else {
      counters.add(Counter.CONNECTIONS_REFUSED);
    }
    channel
        .closeFuture()
        .addListener(_ -> {
          counters.add(Counter.CONNECTIONS_CLOSED);
          if (count.decrementAndGet() == 0 && draining) {
            none.countDown();
          }
        });
    return room;
  }

  /// The process' own question whether it accepts must not be answered by its clients.
  boolean isOwn(Channel channel) {
    SocketAddress client = channel.remoteAddress();
    return client != null && own.contains(client);
  }

  /// A connection of the process to itself is let in beyond the limit.
  void expect(SocketAddress client) {
    own.add(client);
  }

  void forget(SocketAddress client) {
    own.remove(client);
  }

  boolean draining() {
    return draining;
  }

  int count() {
    return count.get();
  }

  /// Asks each connection to end in order; on its own loop.
  void drain() {
    draining = true;
    channels.forEach(OpenConnections::ask);
  }

  private static void ask(Channel channel) {
    channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(DrainEvent.DRAIN));
  }

  /// After [#drain]: waits until no connection is open.
  boolean awaitNone(Duration timeout) throws InterruptedException {
    return count.get() == 0 || none.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  void close() {
    draining = true;
    channels.close();
  }
}
