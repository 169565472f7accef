package anycast.routing.pick;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Exchanges in flight on one instance, exact, as this process counts them.
///
/// **Threading.** Any event loop; the count is one atomic add. Compare-and-set, because the loops
/// of one process must agree on one number.
public final class Load {
  private static final VarHandle IN_FLIGHT;

  static {
    try {
      IN_FLIGHT = MethodHandles.lookup().findVarHandle(Load.class, "inFlight", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile int inFlight;

  /// Exchanges that have begun and not ended.
  public int inFlight() {
    return inFlight;
  }

  /// Counts one more.
  public void begin() {
    IN_FLIGHT.getAndAdd(this, 1);
  }

  /// Counts one more unless `limit` are in flight; 0 = no limit.
  public boolean tryBegin(int limit) {
    if (limit <= 0) {
      begin();
      return true;
    }
    int now = inFlight;
    while (now < limit) {
      int seen = (int) IN_FLIGHT.compareAndExchange(this, now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  /// Exchanges in flight as far as is known: ours exactly, and what the worker reported beyond ours
  /// while that is not too old.
  public int inFlight(long nowNanos) {
    return inFlight;
  }

  /// Recent time to the response's head, peaks remembered; -1 where unknown.
  public long latencyNanos(long nowNanos) {
    return -1;
  }

  /// How an attempt on the instance went.
  public enum Outcome {
    /// It answered, with a status below 500.
    ANSWERED,
    /// It answered 500 or above, or not at all, or with garbage.
    FAILED,
    /// The worker refused: full, not running, not ready.
    REFUSED
  }

  /// What an attempt taught.
  ///
  /// @param latencyNanos to the response's head; -1 where none came
  public void observe(Outcome outcome, long latencyNanos, long nowNanos) {}

  /// What the instance's worker counts, all edges together.
  ///
  /// @param inFlight exchanges on the instance
  /// @param queued that wait for room there
  /// @param latencyNanos the app's own, smoothed; -1 where unknown
  public void onReport(int inFlight, int queued, long latencyNanos, long nowNanos) {}

  /// Every [#begin] has exactly one end.
  public void end() {
    IN_FLIGHT.getAndAdd(this, -1);
  }
}
