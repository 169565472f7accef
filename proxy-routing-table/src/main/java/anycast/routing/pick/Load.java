package anycast.routing.pick;

import anycast.routing.model.ServicePolicy.Outlier;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Exchanges in flight on one instance, exact, as this process counts them, and what it learned of
/// the instance by trying it and from its worker's reports.
///
/// **Threading.** Any event loop; the count is one atomic add. Compare-and-set, because the loops
/// of one process must agree on one number. What was learned: see [Experience].
public final class Load {
  private static final VarHandle IN_FLIGHT;
  private static final VarHandle EXPERIENCE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      IN_FLIGHT = lookup.findVarHandle(Load.class, "inFlight", int.class);
      EXPERIENCE = lookup.findVarHandle(Load.class, "experience", Experience.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile int inFlight;

  /// Null until there is something to remember.
  private volatile Experience experience;

  /// How an attempt on the instance went.
  public enum Outcome {
    /// It answered, with a status below 500.
    ANSWERED,
    /// It answered 500 or above, or not at all, or with garbage.
    FAILED,
    /// The worker refused: full, not running, not ready.
    REFUSED
  }

  /// Exchanges that have begun here and not ended.
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

  /// What an attempt taught. Call it before [#end], with the report of the same response before
  /// both: a report counts the exchange that brings it.
  ///
  /// @param latencyNanos to the response's head; -1 where none came
  public void observe(Outcome outcome, long latencyNanos, long nowNanos) {
    int tick = Tick.of(nowNanos);
    switch (outcome) {
      case ANSWERED -> learned().onAnswer(latencyNanos, tick);
      case FAILED -> learned().onFailure(latencyNanos, tick);
      case REFUSED -> learned().onRefusal(tick);
    }
  }

  /// What the instance's worker counts, all edges together.
  ///
  /// @param inFlight exchanges on the instance
  /// @param queued that wait for room there
  /// @param latencyNanos the app's own, smoothed; -1 where unknown
  public void onReport(int inFlight, int queued, long latencyNanos, long nowNanos) {
    long others = Math.max(0, (long) inFlight + queued - this.inFlight);
    learned().onReport(others, latencyNanos, Tick.of(nowNanos));
  }

  /// Exchanges in flight as far as is known: ours exactly, and what the worker reported beyond ours
  /// while that is not too old.
  public int inFlight(long nowNanos) {
    return total(Tick.of(nowNanos));
  }

  /// Recent time to the response's head, peaks remembered; -1 where unknown.
  public long latencyNanos(long nowNanos) {
    Experience known = experience;
    int micros = known == null ? 0 : known.micros(Tick.of(nowNanos));
    return micros == 0 ? -1 : 1_000L * micros;
  }

  int total(int tick) {
    Experience known = experience;
    return known == null
        ? inFlight
        : inFlight + (known.othersParts(tick) + Experience.PARTS / 2) / Experience.PARTS;
  }

  /// Null where nothing was learned yet.
  Experience experience() {
    return experience;
  }

  Breaker.State state(Outlier rule, int tick) {
    Experience known = experience;
    return known == null ? Breaker.State.CLOSED : known.state(rule, tick);
  }

  /// The share of its full share that a new instance has by now, of 256.
  int warmth(long slowStartNanos, int tick) {
    int ticks = learned().readyTicks(tick);
    int whole = Tick.span(slowStartNanos);
    return ticks >= whole ? 256 : Math.max(1, (int) (256L * ticks / whole));
  }

  /// It cannot take requests now; when it can again it is new.
  void onUnready() {
    Experience known = experience;
    if (known != null) {
      known.onUnready();
    }
  }

  private Experience learned() {
    Experience known = experience;
    if (known == null) {
      Experience fresh = new Experience();
      known = (Experience) EXPERIENCE.compareAndExchange(this, null, fresh);
      known = known == null ? fresh : known;
    }
    return known;
  }
}
