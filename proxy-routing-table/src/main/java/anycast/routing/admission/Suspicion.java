package anycast.routing.admission;

import java.util.ArrayList;
import java.util.List;

/// What is held against an entry that is not stable. Counted in halves: an abnormal end is two, an
/// end of the machine one.
///
/// @param suspect whether it waits for a trial of its own
/// @param blamed whether a dead process was near it: tried first and alone
/// @param halves of all ends that it was on trial at; only shown
/// @param aloneHalves of those ends at which nothing else was on trial: these alone convict
/// @param group the last life that ended with it on trial: its members are tried in halves, those
///   of the highest number first
/// @param ends lives that ended with it on trial, the last [#MAX_ENDS]
record Suspicion(
    boolean suspect, boolean blamed, int halves, int aloneHalves, long group, List<Long> ends) {
  static final Suspicion NONE = new Suspicion(false, false, 0, 0, 0, List.of());

  /// More restarts than a bisection of 65,536 entries takes.
  static final int MAX_ENDS = 32;

  static final int ABNORMAL_HALVES = 2;
  static final int MACHINE_HALVES = 1;

  /// From here on an entry has to prove itself; once an abnormal end, twice the machine's.
  private static final int SUSPECT_HALVES = 2;

  /// Two abnormal ends alone on trial: one may be chance, since anybody can kill a process.
  private static final int GUILTY_HALVES = 4;

  Suspicion {
    ends = List.copyOf(ends);
  }

  /// A life ended while it was on trial.
  Suspicion onEnd(long life, int more, boolean alone, boolean near) {
    List<Long> all = new ArrayList<>(ends);
    all.add(life);
    while (all.size() > MAX_ENDS) {
      all.removeFirst();
    }
    return new Suspicion(
        suspect || near || halves + more >= SUSPECT_HALVES,
        blamed || near,
        halves + more,
        alone ? aloneHalves + more : aloneHalves,
        life,
        all);
  }

  /// Out of quarantine because its time was over: one more abnormal end, alone, and it is back.
  static Suspicion afterQuarantine() {
    return new Suspicion(true, true, ABNORMAL_HALVES, ABNORMAL_HALVES, 0, List.of());
  }

  boolean guilty() {
    return aloneHalves >= GUILTY_HALVES;
  }

  /// Tried without others.
  boolean single() {
    return blamed || aloneHalves > 0;
  }
}
