package anycast.routing.pick;

import anycast.routing.model.ServicePolicy.Outlier;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A [Breaker]'s cell, and what is done to it. It is the parent and not a part of those who have
/// one: there is one an instance, and a part would be an object more.
///
/// **Threading.** Any event loop. Faults are counted and the one probe is taken by compare-and-set.
abstract sealed class Circuit permits Experience, NodePath {
  private static final VarHandle CELL;

  static {
    try {
      CELL = MethodHandles.lookup().findVarHandle(Circuit.class, "cell", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long cell = Breaker.NEW;

  /// One fault more.
  final void faulted(int tick) {
    long before = cell;
    while (!CELL.compareAndSet(this, before, Breaker.afterFault(before, tick))) {
      before = cell;
    }
  }

  /// It worked.
  final void succeeded(int tick) {
    long before = cell;
    long next = Breaker.afterSuccess(before, tick);
    while (before != next && !CELL.compareAndSet(this, before, next)) {
      before = cell;
      next = Breaker.afterSuccess(before, tick);
    }
  }

  /// As [#succeeded(int)] where nobody looked at the clock: the cell keeps its time.
  final void succeeded() {
    long before = cell;
    long next = Breaker.afterSuccess(before, Tick.stamp(before));
    while (before != next && !CELL.compareAndSet(this, before, next)) {
      before = cell;
      next = Breaker.afterSuccess(before, Tick.stamp(before));
    }
  }

  /// Whether the last attempt that came to an end there failed.
  public final boolean failing() {
    return Breaker.failing(cell);
  }

  final Breaker.State state(Outlier rule, int tick) {
    return Breaker.state(cell, rule, tick);
  }

  /// Takes the one probe.
  ///
  /// @return false where another pick was faster
  final boolean tryProbe(Outlier rule, int tick) {
    long before = cell;
    return Breaker.state(before, rule, tick) == Breaker.State.HALF_OPEN
        && CELL.compareAndSet(this, before, Breaker.probing(before, tick));
  }
}
