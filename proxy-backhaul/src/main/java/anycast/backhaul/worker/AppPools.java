package anycast.backhaul.worker;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.link.LinkSet;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Recurring;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// All connections of one event loop to the apps of this host.
///
/// **Threading.** One event loop. **Limits.** A pool an instance; a pool that holds nothing goes.
final class AppPools {
  private static final long TICK_NANOS = 1_000_000_000L;

  /// Apps announce 100 to 250 streams a connection; eight times that is above any hard limit that
  /// one loop sees. A dial is tried for every request: an app that just started must be found. No
  /// PINGs: common servers take more than one in five minutes for an attack and close, and the
  /// kernel tells at once when an app on this host has died.
  private static final LinkSet.Shape H2C = new LinkSet.Shape(8, 1024, false, false);

  private final EventLoop loop;
  private final EventLoops loops;
  private final CounterCell counters;
  private final AppWindow window;
  private final Map<AppTarget, AppPool> http1 = new HashMap<>();
  private final Map<AppTarget, LinkSet> h2c = new HashMap<>();

  AppPools(EventLoop loop, EventLoops loops, LongSupplier heldBytes, Counters counters) {
    this.loop = loop;
    this.loops = loops;
    this.counters = counters.cell(loop);
    Recurring.every(loop, TICK_NANOS, this::onTick);
    this.window = new AppWindow(AppWindow.limitBytes(loops.loops().size()), heldBytes);
  }

  Upstream open(AppTarget target, RequestHead head, boolean end, UpstreamEvents events) {
    return switch (target.protocol()) {
      case HTTP1 -> {
        AppPool pool =
            http1.computeIfAbsent(target, made -> new AppPool(made, loop, loops, window, counters));
        yield pool.open(head, end, events);
      }
      case H2C -> h2c.computeIfAbsent(target, this::h2c).open(head, end, events);
    };
  }

  void onDrain() {
    http1.values().forEach(AppPool::closeIdle);
    h2c.values().forEach(LinkSet::drain);
  }

  private LinkSet h2c(AppTarget target) {
    return new LinkSet(
        "app " + target.instance(),
        loop,
        new AppDialler(target, loops),
        new AppFaults(counters),
        H2C,
        loops.ticker());
  }

  private void onTick() {
    long nowNanos = loops.ticker().nanos();
    http1.values().removeIf(pool -> pool.onTick(nowNanos));
    h2c.values()
        .removeIf(links -> {
          links.onTick(nowNanos);
          return links.isIdle() && links.isUnused();
        });
  }
}
