package anycast.backhaul.link;

import anycast.backhaul.runtime.Recurring;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The links that edges opened to one event loop of a worker.
///
/// **Threading.** One event loop; other threads read [#views].
final class AcceptedLinks {
  private static final long TICK_NANOS = 1_000_000_000L;
  private static final long NANOS_A_MICRO = 1_000;

  /// So often an edge hears of loads at most: all edges agree within a second, whichever of them
  /// sent the request.
  static final long LOADS_NANOS = 250_000_000L;

  private final int index;
  private final Ticker ticker;
  private final Supplier<LoadEdition> loads;
  private final Set<AcceptedLink> links = new LinkedHashSet<>();
  private boolean draining;

  /// Written by the loop at each tick and change, read by the operator's thread.
  private volatile List<LinkView> views = List.of();

  AcceptedLinks(int index, EventLoop loop, Ticker ticker, Supplier<LoadEdition> loads) {
    this.index = index;
    this.ticker = ticker;
    this.loads = loads;
    Recurring.every(loop, TICK_NANOS, this::onTick);
    Recurring.every(loop, LOADS_NANOS, this::onLoads);
  }

  List<LinkView> views() {
    return views;
  }

  long queuedBytes() {
    long sum = 0;
    for (AcceptedLink link : links) {
      sum += link.queuedBytes();
    }
    return sum;
  }

  long nowNanos() {
    return ticker.nanos();
  }

  void add(AcceptedLink link) {
    links.add(link);
    if (draining) {
      link.drain();
    }
    publish(ticker.nanos());
  }

  void remove(AcceptedLink link) {
    links.remove(link);
    publish(ticker.nanos());
  }

  void onDrain() {
    draining = true;
    List.copyOf(links).forEach(AcceptedLink::drain);
  }

  void onReset() {
    List.copyOf(links).forEach(AcceptedLink::reset);
  }

  private void onLoads() {
    LoadEdition edition = loads.get();
    long nowNanos = ticker.nanos();
    links.forEach(link -> link.onLoads(edition, nowNanos));
  }

  private void onTick() {
    long nowNanos = ticker.nanos();
    List.copyOf(links).forEach(link -> link.onTick(nowNanos));
    publish(nowNanos);
  }

  private void publish(long nowNanos) {
    List<LinkView> seen = new ArrayList<>(links.size());
    for (AcceptedLink link : links) {
      long roundTripNanos = link.roundTripNanos();
      seen.add(
          new LinkView(
              index,
              link.edge(),
              link.draining() ? "draining" : "open",
              link.streams(),
              roundTripNanos < 0 ? -1 : roundTripNanos / NANOS_A_MICRO,
              TimeUnit.NANOSECONDS.toSeconds(nowNanos - link.acceptedNanos())));
    }
    views = List.copyOf(seen);
  }
}
