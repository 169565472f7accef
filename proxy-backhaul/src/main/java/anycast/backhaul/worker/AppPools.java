package anycast.backhaul.worker;

import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.link.LinkSet;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Recurring;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.feed.LoadLines;
import anycast.routing.model.Reserved;
import anycast.routing.model.ServicePolicy;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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

  private static final LinkSet.Shape ONE_REQUEST = new LinkSet.Shape(1, 1, false, false, true);

  private static final long NANOS_A_MILLI = 1_000_000;

  private final EventLoop loop;
  private final EventLoops loops;
  private final CounterCell counters;
  private final CounterCell aside;
  private final AppWindow window;
  private final Map<AppTarget, AppPool> http1 = new HashMap<>();
  private final Map<H2cTarget, LinkSet> h2c = new HashMap<>();

  /// Connections for one request each.
  private final List<LinkSet> alone = new ArrayList<>();

  private final StringBuilder text = new StringBuilder();

  /// Requests that are equally patient share a dial.
  private record H2cTarget(AppTarget target, int connectMillis) {}

  AppPools(EventLoop loop, EventLoops loops, LongSupplier heldBytes, Counters counters) {
    this.loop = loop;
    this.loops = loops;
    this.counters = counters.cell(loop);
    this.aside = counters.aside();
    Recurring.every(loop, TICK_NANOS, this::onTick);
    this.window = new AppWindow(AppWindow.limitBytes(loops.loops().size()), heldBytes);
  }

  EventLoop loop() {
    return loop;
  }

  CounterCell counters() {
    return counters;
  }

  /// The process' own app is none that anybody runs.
  private CounterCell counters(AppTarget target) {
    return target.instance().equals(Reserved.INSTANCE) ? aside : counters;
  }

  long nowNanos() {
    return loops.ticker().nanos();
  }

  /// Tells the edge what this response taught about the instance.
  void report(Room room, Fields response) {
    text.setLength(0);
    LoadLines.appendNumbers(
        text, room.inFlight(), room.waiting(), room.latencyNanos(loops.ticker().nanos()));
    response.add(BackhaulHead.LOAD, text);
  }

  /// Connects, or takes a connection that stands.
  Upstream open(Attempt attempt, UpstreamEvents events) {
    AppTarget target = AppTarget.of(attempt.candidate());
    ServicePolicy policy = attempt.candidate().service().policy();
    AppUpstream.Way way =
        new AppUpstream.Way(
            policy.concurrency() == ServicePolicy.Concurrency.CONNECTIONS,
            connectMillis(attempt.connectNanos()));
    return switch (target.protocol()) {
      case HTTP1 -> {
        AppPool pool =
            http1.computeIfAbsent(
                target, made -> new AppPool(made, loop, loops, window, counters(made)));
        yield pool.open(attempt.head(), attempt.end(), way, events);
      }
      case H2C -> h2c(target, way).open(attempt.head(), attempt.end(), events);
    };
  }

  private static int connectMillis(long nanos) {
    return nanos <= 0
        ? AppDialler.CONNECT_TIMEOUT_MILLIS
        : (int) Math.clamp(nanos / NANOS_A_MILLI, 1, BackhaulHead.MAX_WAIT_NANOS / NANOS_A_MILLI);
  }

  void onDrain() {
    http1.values().forEach(AppPool::closeIdle);
    h2c.values().forEach(LinkSet::drain);
  }

  private LinkSet h2c(AppTarget target, AppUpstream.Way way) {
    if (way.alone()) {
      LinkSet one = h2c(new H2cTarget(target, way.connectMillis()), ONE_REQUEST);
      alone.add(one);
      return one;
    }
    return h2c.computeIfAbsent(new H2cTarget(target, way.connectMillis()), made -> h2c(made, H2C));
  }

  private LinkSet h2c(H2cTarget of, LinkSet.Shape shape) {
    return new LinkSet(
        "app " + of.target().instance(),
        loop,
        new AppDialler(of.target(), of.connectMillis(), loops),
        new AppFaults(counters),
        shape,
        loops.ticker());
  }

  private void onTick() {
    long nowNanos = loops.ticker().nanos();
    http1.values().removeIf(pool -> pool.onTick(nowNanos));
    alone.removeIf(LinkSet::isIdle);
    h2c.values()
        .removeIf(links -> {
          links.onTick(nowNanos);
          return links.isIdle() && links.isUnused();
        });
  }
}
