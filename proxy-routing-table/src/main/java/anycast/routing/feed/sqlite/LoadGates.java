package anycast.routing.feed.sqlite;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// How many requests of a kind are worked on at a time, until their answer begins; more are refused
/// at once, so that a burst costs its senders and nobody else.
///
/// **Threading.** Any.
final class LoadGates {
  /// What an agent says.
  static final String REFUSAL = "max concurrency limit reached";

  private static final int MANY = 128;
  private static final int FEW = 4;

  /// A kind of request, with an agent's limit.
  enum Route {
    TRANSACTIONS(MANY),
    QUERIES(MANY),
    SUBSCRIPTIONS(MANY),
    SUBSCRIPTION_BY_ID(MANY),
    UPDATES(MANY),
    TABLE_STATS(FEW),
    HEALTH(FEW);

    private final int limit;

    Route(int limit) {
      this.limit = limit;
    }
  }

  private final Map<Route, Semaphore> gates = new EnumMap<>(Route.class);

  LoadGates() {
    for (Route route : Route.values()) {
      gates.put(route, new Semaphore(route.limit));
    }
  }

  /// Lets a request in; each that got in has to [#leave].
  boolean enter(Route route) {
    return gates.get(route).tryAcquire();
  }

  void leave(Route route) {
    gates.get(route).release();
  }

  /// How many are worked on now.
  int inside(Route route) {
    return route.limit - gates.get(route).availablePermits();
  }
}
