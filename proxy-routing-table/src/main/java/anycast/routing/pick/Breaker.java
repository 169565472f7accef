package anycast.routing.pick;

import anycast.routing.model.ServicePolicy.Outlier;

/// Whether something that failed several times in a row is left alone, as one long: when it last
/// changed, faults in a row, how often it was left alone lately, and whether one request tries it.
///
/// ```
///            faults in a row               ejection time over
///   CLOSED ───────────────────► OPEN ───────────────────────► HALF_OPEN
///      ▲                          ▲                               │ one pick takes it
///      │ a success, at any time   │ a fault                       ▼
///      └──────────────────────────┴─────────────────────────── PROBING ──► HALF_OPEN
///                                                              no word for 10 s
/// ```
///
/// How many faults and how long is the service's policy and comes with each question: the cell
/// belongs to an instance or a node, which several services may share.
///
/// **Threading.** Pure functions over the cell; [Experience] and [NodePath] compare-and-set it.
final class Breaker {
  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN,
    PROBING
  }

  /// A cell of something that never failed.
  static final long NEW = 0;

  private static final int MAX_FAULTS = 0xff;

  /// 64 times the first ejection: 10 s become ten minutes.
  private static final int MAX_STRIKES = 6;

  private static final int STRIKES_SHIFT = 8;
  private static final int STRIKES_MASK = 0x7f;
  private static final int PROBE = 1 << 15;

  /// A probe that has no answer by then is lost, or hangs: another one may go.
  private static final int PROBE_TICKS = Tick.span(10_000_000_000L);

  /// After two minutes without a fault the next ejection is short again.
  private static final int FORGIVEN_TICKS = Tick.span(120_000_000_000L);

  private Breaker() {}

  static State state(long cell, Outlier rule, int tick) {
    int faults = faults(cell);
    if (faults == 0 || rule.faults() == 0 || faults < Math.min(rule.faults(), MAX_FAULTS)) {
      return State.CLOSED;
    }
    int age = Tick.age(Tick.stamp(cell), tick);
    if (probes(cell)) {
      return age < PROBE_TICKS ? State.PROBING : State.HALF_OPEN;
    }
    long out = rule.ejectNanos() << strikes(cell);
    return age < Tick.span(out) ? State.OPEN : State.HALF_OPEN;
  }

  /// Whether the last word of it was a fault.
  static boolean failing(long cell) {
    return faults(cell) != 0;
  }

  static long afterFault(long cell, int tick) {
    int faults = faults(cell);
    int strikes =
        faults == 0 && Tick.age(Tick.stamp(cell), tick) > FORGIVEN_TICKS ? 0 : strikes(cell);
    return cell(tick, Math.min(MAX_FAULTS, faults + 1), strikes, false);
  }

  /// The same cell where there is nothing to forgive, so that the usual success writes nothing.
  static long afterSuccess(long cell, int tick) {
    return faults(cell) == 0 ? cell : cell(tick, 0, strikes(cell), false);
  }

  /// One request tries it; should it fail again, now or soon after, then for twice as long.
  static long probing(long cell, int tick) {
    return cell(tick, faults(cell), Math.min(MAX_STRIKES, strikes(cell) + 1), true);
  }

  private static int faults(long cell) {
    return (int) cell & MAX_FAULTS;
  }

  private static int strikes(long cell) {
    return (int) cell >>> STRIKES_SHIFT & STRIKES_MASK;
  }

  private static boolean probes(long cell) {
    return ((int) cell & PROBE) != 0;
  }

  private static long cell(int tick, int faults, int strikes, boolean probe) {
    return Tick.pack(tick, faults | strikes << STRIKES_SHIFT | (probe ? PROBE : 0));
  }
}
