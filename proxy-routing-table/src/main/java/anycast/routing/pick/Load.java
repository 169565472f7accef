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

  /// Every [#begin] has exactly one end.
  public void end() {
    IN_FLIGHT.getAndAdd(this, -1);
  }
}
