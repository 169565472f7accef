package anycast.backhaul.worker;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.link.OffLoopResolver;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;

/// One event loop's HTTP/1.1 connections to one app.
///
/// The one used last is used next: so the fewest stay open, and those are the least likely to have
/// been closed by the app meanwhile.
///
/// **Threading.** One event loop. **Limits.** Idle connections by number and age; those in use by
/// the service's hard limit.
final class AppPool {
  /// Common servers close idle connections after 5 s at the earliest: we are first.
  private static final long IDLE_LIMIT_NANOS = 4_000_000_000L;

  /// What is in use at once comes back as idle at once, so a small number here closes and opens
  /// connections all the time under load (measured with 160 in flight and 128 idle: a quarter of
  /// the worker's time). Age does the real limiting.
  private static final int MAX_IDLE = 1024;

  private final AppTarget target;
  private final EventLoop loop;
  private final EventLoops loops;
  private final AppWindow window;
  private final CounterCell counters;

  /// Last used first.
  private final ArrayDeque<AppConnection> idle = new ArrayDeque<>();

  private int open;

  AppPool(
      AppTarget target, EventLoop loop, EventLoops loops, AppWindow window, CounterCell counters) {
    this.target = target;
    this.loop = loop;
    this.loops = loops;
    this.window = window;
    this.counters = counters;
  }

  Upstream open(RequestHead head, boolean end, AppUpstream.Way way, UpstreamEvents events) {
    AppUpstream upstream = new AppUpstream(this, head, end, way, events);
    // A connection that carried requests before may hold state that an upgrade does not expect.
    boolean fresh = way.alone() || head.upgrade() != null;
    AppConnection connection = fresh ? null : idle.pollFirst();
    if (connection == null) {
      connect(upstream);
    } else {
      counters.add(Counter.APP_CONNECTIONS_REUSED);
      upstream.attach(connection);
      connection.take(upstream);
    }
    return upstream;
  }

  /// Opens a fresh connection for `upstream`, whose pooled one had died unused.
  void replace(AppUpstream upstream) {
    counters.add(Counter.APP_CONNECTIONS_STALE);
    connect(upstream);
  }

  private void connect(AppUpstream upstream) {
    AppConnection connection = new AppConnection(this, loop, window);
    open++;
    counters.add(Counter.APP_CONNECTS);
    Bootstrap client =
        OffLoopResolver.client(loops, loop, upstream.way().connectMillis())
            // An app that refuses an upload answers and closes. Our write fails then, and what it
            // said is still to be read.
            .option(ChannelOption.AUTO_CLOSE, false)
            .handler(connection);
    OffLoopResolver.connect(client, loop, target.host(), target.port())
        .addListener((ChannelFuture connected) -> {
          if (!connected.isSuccess()) {
            open--;
            counters.add(Counter.APP_CONNECTS_FAILED);
            upstream.onConnectFailed(connected.cause());
          } else if (upstream.isWaiting()) {
            upstream.attach(connection);
            connection.take(upstream);
          } else if (upstream.way().alone()) {
            connection.close();
          } else {
            offer(connection);
          }
        });
  }

  /// Takes back a connection that can carry another request.
  void offer(AppConnection connection) {
    if (!connection.isOpen()) {
      return;
    }
    connection.idleSince(loops.ticker().nanos());
    idle.addFirst(connection);
    if (idle.size() > MAX_IDLE) {
      idle.pollLast().close();
    }
  }

  /// A connection closed.
  void onClosed(AppConnection connection) {
    open--;
    idle.remove(connection);
  }

  void closeIdle() {
    while (!idle.isEmpty()) {
      idle.pollLast().close();
    }
  }

  /// Closes what was idle for too long.
  ///
  /// @return whether nothing is left
  boolean onTick(long nowNanos) {
    while (!idle.isEmpty() && nowNanos - idle.peekLast().idleSince() >= IDLE_LIMIT_NANOS) {
      idle.pollLast().close();
    }
    return open == 0;
  }
}
