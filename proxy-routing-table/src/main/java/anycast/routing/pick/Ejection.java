package anycast.routing.pick;

import anycast.routing.model.ServicePolicy.Outlier;

/// Who of a picker's candidates is left alone: those whose breaker, or whose node's, is not closed,
/// within the limits that the policy sets.
///
/// Where fewer than `panicPercent` of all that run are ready and work, the fault is hardly theirs,
/// and nobody is ejected. No more than `maxPercent` are, though one of two always may be, and never
/// the last one.
final class Ejection {
  private Ejection() {}

  /// @param running how many run, ready or not
  /// @return the same array where nothing changed
  static Level[] of(Level[] levels, int running, Outlier rule, long nowNanos) {
    int tick = Tick.of(nowNanos);
    int members = 0;
    int tripped = 0;
    boolean before = false;
    for (Level level : levels) {
      members += level.members.length;
      before |= level.anyEjected();
      for (Candidate member : level.members) {
        tripped += tripped(member, rule, tick) ? 1 : 0;
      }
    }
    if (tripped == 0 && !before) {
      return levels;
    }
    long usable = members - tripped;
    boolean panic = usable * 100 < (long) rule.panicPercent() * Math.max(running, members);
    int room = panic ? 0 : most(members, rule);
    long[][] bits = new long[levels.length][];
    // Who is out stays out, so that the cap does not send the same probe round all of them.
    room = mark(levels, bits, true, room, rule, tick);
    mark(levels, bits, false, room, rule, tick);
    Level[] next = levels.clone();
    for (int i = 0; i < next.length; i++) {
      next[i] = levels[i].ejecting(bits[i]);
    }
    return next;
  }

  /// Whether it, or the way to it, failed so often that it should be left alone or probed.
  static boolean tripped(Candidate candidate, Outlier rule, int tick) {
    return candidate.load().state(rule, tick) != Breaker.State.CLOSED
        || candidate.path().state(rule, tick) != Breaker.State.CLOSED;
  }

  /// Takes the probe of an ejected candidate.
  ///
  /// @return whether this request shall try it
  static boolean tryProbe(Candidate candidate, Outlier rule, int tick) {
    Breaker.State own = candidate.load().state(rule, tick);
    Breaker.State way = candidate.path().state(rule, tick);
    if (shut(own) || shut(way) || own == Breaker.State.CLOSED && way == Breaker.State.CLOSED) {
      return false;
    }
    if (way == Breaker.State.HALF_OPEN && !candidate.path().tryProbe(rule, tick)) {
      return false;
    }
    return own == Breaker.State.CLOSED || candidate.load().experience().tryProbe(rule, tick);
  }

  private static boolean shut(Breaker.State state) {
    return state == Breaker.State.OPEN || state == Breaker.State.PROBING;
  }

  private static int most(int members, Outlier rule) {
    int share = (int) ((long) members * rule.maxPercent() / 100);
    return Math.min(members - 1, rule.maxPercent() == 0 ? 0 : Math.max(1, share));
  }

  private static int mark(
      Level[] levels, long[][] bits, boolean already, int most, Outlier rule, int tick) {
    int room = most;
    for (int l = 0; l < levels.length && room > 0; l++) {
      Candidate[] members = levels[l].members;
      for (int i = 0; i < members.length && room > 0; i++) {
        if (levels[l].ejected(i) == already && tripped(members[i], rule, tick)) {
          bits[l] = bits[l] == null ? new long[members.length + 63 >> 6] : bits[l];
          bits[l][i >> 6] |= 1L << i;
          room--;
        }
      }
    }
    return room;
  }
}
