package anycast.routing.feed.sqlite;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

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
    TRANSACTIONS("POST", MANY),
    QUERIES("POST", MANY),
    SUBSCRIPTIONS("POST", MANY),
    SUBSCRIPTION_BY_ID("GET", MANY),
    UPDATES("POST", MANY),
    TABLE_STATS("POST", FEW),
    HEALTH("GET", FEW);

    private final String method;
    private final int limit;

    Route(String method, int limit) {
      this.method = method;
      this.limit = limit;
    }

    String method() {
      return method;
    }

    /// @return empty where nothing is there
    static Optional<Route> of(String path) {
      return Optional.ofNullable(
          switch (path) {
            case "/v1/transactions" -> TRANSACTIONS;
            case "/v1/queries" -> QUERIES;
            case "/v1/subscriptions" -> SUBSCRIPTIONS;
            case "/v1/table_stats" -> TABLE_STATS;
            case "/v1/health" -> HEALTH;
            default -> {
              if (path.startsWith("/v1/subscriptions/")) {
                yield SUBSCRIPTION_BY_ID;
              }
              yield path.startsWith("/v1/updates/") ? UPDATES : null;
            }
          });
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

  /// Waits until nobody is inside, and keeps it so.
  ///
  /// @return false where somebody still is
  boolean awaitNobody(Route route, Duration patience) throws InterruptedException {
    return gates.get(route).tryAcquire(route.limit, patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// How many are worked on now.
  int inside(Route route) {
    return route.limit - gates.get(route).availablePermits();
  }
}
