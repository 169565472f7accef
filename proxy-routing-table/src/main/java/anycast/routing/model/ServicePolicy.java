package anycast.routing.model;

import java.util.List;

/// How requests to a service are spread, limited, checked and tried again: the column `policy` of
/// its row. What the column leaves out is as in [#USUAL].
///
/// @param checks by which the worker decides whether an instance is ready
public record ServicePolicy(
    Concurrency concurrency,
    Spill spill,
    Balance balance,
    Queue queue,
    Retry retry,
    Hedge hedge,
    Timeouts timeouts,
    List<HealthCheck> checks) {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  /// What a service has that says nothing.
  public static final ServicePolicy USUAL =
      new ServicePolicy(
          Concurrency.REQUESTS,
          Spill.SOFT,
          new Balance(0, 0, Affinity.NONE, Outlier.USUAL),
          new Queue(0, 100),
          Retry.USUAL,
          Hedge.NONE,
          new Timeouts(0, 0, 0, 0),
          List.of());

  public ServicePolicy {
    checks = List.copyOf(checks);
  }

  /// What the limits count.
  public enum Concurrency {
    REQUESTS,
    /// Connections to the app, each of which carries one exchange and is closed after it.
    CONNECTIONS
  }

  /// When a farther tier is used.
  public enum Spill {
    /// Where all of a tier are at their soft limit.
    SOFT,
    /// Where all of a tier are at their hard limit.
    HARD,
    /// Where the farther tier's round trip and latency together are less.
    LATENCY
  }

  /// @param slowStartNanos in which a new instance's share grows to its full one; 0 = at once
  /// @param subset candidates that one edge uses of a larger service; 0 = all
  public record Balance(long slowStartNanos, int subset, Affinity affinity, Outlier outlier) {}

  /// Requests that belong together go to one instance while it has room.
  ///
  /// @param name of the cookie or header
  public record Affinity(Kind kind, String name) {
    public static final Affinity NONE = new Affinity(Kind.NONE, "");

    /// Where the key is.
    public enum Kind {
      NONE,
      /// A cookie of the app's, or one that the edge sets where the client has none.
      COOKIE,
      HEADER
    }
  }

  /// When an instance or the way to its node is left alone because it fails.
  ///
  /// @param faults in a row; 0 = never
  /// @param ejectNanos the first time; doubled each time it fails again soon
  /// @param maxPercent of a service's candidates that may be ejected at a time
  /// @param panicPercent fewer usable candidates than this, and ejection is ignored
  public record Outlier(int faults, long ejectNanos, int maxPercent, int panicPercent) {
    public static final Outlier USUAL = new Outlier(5, 10 * SECOND, 50, 30);
  }

  /// Requests that wait for room at a full service.
  ///
  /// @param waitNanos how long; 0 = not at all
  /// @param length how many an instance keeps
  public record Queue(long waitNanos, int length) {}

  /// Attempts after the first.
  ///
  /// @param attempts in all, the first included
  /// @param perTryNanos to the response's head of one attempt; 0 = no limit of its own
  /// @param budgetPercent of the requests that may be retries
  /// @param budgetPerSecond retries that are allowed beside this share
  /// @param statuses answers of the app that are tried again where the method is idempotent
  public record Retry(
      int attempts,
      long perTryNanos,
      int budgetPercent,
      int budgetPerSecond,
      List<Integer> statuses) {
    public static final Retry USUAL = new Retry(3, 0, 20, 10, List.of());

    public Retry {
      statuses = List.copyOf(statuses);
    }
  }

  /// A second attempt beside the first, for idempotent requests without a body.
  ///
  /// @param afterNanos when it starts; 0 = by the quantile
  /// @param quantilePercent of the service's recent latencies at which it starts; 0 = by the delay.
  ///   Both 0 = never
  public record Hedge(long afterNanos, int quantilePercent) {
    public static final Hedge NONE = new Hedge(0, 0);
  }

  /// 0 = the process's own.
  ///
  /// @param totalNanos from the first attempt to the response's head, all attempts together
  /// @param responseNanos without a byte either way, before the response's head
  /// @param idleNanos without a byte either way, after it
  public record Timeouts(long connectNanos, long totalNanos, long responseNanos, long idleNanos) {}
}
