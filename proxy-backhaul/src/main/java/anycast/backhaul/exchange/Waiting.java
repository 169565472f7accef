package anycast.backhaul.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The exchanges of one event loop that wait for a candidate, first come first served.
///
/// One look serves all: every [#LOOK_NANOS] while anybody waits, each is planned anew on the table
/// of that moment. Somebody whose time is over sooner has a look of its own then.
///
/// **Threading.** The loop's. **Limits.** [WaitBounds], for the process.
final class Waiting {
  /// Soon enough for somebody who waits for an instance to start, and seldom enough that a thousand
  /// who wait do not fill a core.
  static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final LiveExchanges live;
  private final WaitBounds bounds;

  /// In order of their coming; those that have left are null until the next look.
  private final List<Exchange> waiting = new ArrayList<>();

  private boolean looking;

  Waiting(LiveExchanges live, WaitBounds bounds) {
    this.live = live;
    this.bounds = bounds;
  }

  /// @return false where too many wait already
  boolean enter(Exchange exchange, String owner, long waitNanos) {
    if (!bounds.enter(owner)) {
      return false;
    }
    waiting.add(exchange);
    if (!looking) {
      looking = true;
      look(Math.min(LOOK_NANOS, waitNanos));
    } else if (waitNanos < LOOK_NANOS) {
      live.loop().schedule(() -> visit(), waitNanos, TimeUnit.NANOSECONDS);
    }
    return true;
  }

  /// Every [#enter] that said yes has one.
  void leave(Exchange exchange, String owner) {
    bounds.leave(owner);
    int at = waiting.indexOf(exchange);
    if (at >= 0) {
      waiting.set(at, null);
    }
  }

  private void look(long afterNanos) {
    live.loop().schedule(this::onLook, afterNanos, TimeUnit.NANOSECONDS);
  }

  private void onLook() {
    try {
      visit();
    } finally {
      // A bug in what one of them does must not leave the others waiting for ever.
      looking = !waiting.isEmpty();
      if (looking) {
        look(LOOK_NANOS);
      }
    }
  }

  /// Who goes on may end others on this loop, or bring new ones, at any time: those are seen next
  /// time.
  private void visit() {
    long now = live.ticker().nanos();
    int size = waiting.size();
    for (int i = 0; i < size; i++) {
      Exchange each = waiting.get(i);
      if (each != null) {
        each.onLook(now);
      }
    }
    waiting.removeIf(each -> each == null);
  }
}
