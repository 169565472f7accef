package anycast.routing.pick;

import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy.Outlier;

/// What one look at one candidate showed. Two of them are compared.
///
/// **Ownership.** One plan's, filled again for each look.
final class Sight {
  /// Below its soft limit.
  static final int ROOM = 0;

  /// At its soft limit.
  static final int BUSY = 1;

  /// At its hard limit, or it refused a moment ago.
  static final int FULL = 2;

  /// Left alone.
  static final int EJECTED = 3;

  /// Latencies that differ by less than this factor are the same: they are noise, and to follow it
  /// would send all requests to whoever was lucky last.
  private static final int NOISE = 3;

  /// Where a worker reports its app's smoothed latency, which many more requests made than one edge
  /// sends, that counts; a peak of our own only so far as it is beyond this many times the report.
  private static final int PEAK = 4;

  int index = -1;
  int rank;

  /// In [Experience#PARTS], as [#soft].
  private long load;

  private int micros;
  private int reported;
  private long soft;

  void look(Level level, int index, Outlier rule, int tick) {
    Candidate candidate = level.members[index];
    Service service = candidate.service();
    Experience known = candidate.load().experience();
    this.index = index;
    load = (long) candidate.load().inFlight() * Experience.PARTS;
    micros = 0;
    reported = 0;
    soft = (long) service.softLimit() * Experience.PARTS;
    boolean refused = false;
    if (known != null) {
      load += known.othersParts(tick);
      reported = known.reportedMicros(tick);
      micros = known.micros(tick);
      if (reported != 0 && !known.failing()) {
        long way = Math.max(0, candidate.path().roundTripNanos()) / 1_000;
        micros = (int) Math.max(reported + way, micros / PEAK);
      }
      refused = known.refused(tick);
    }
    if (level.ejected(index) && Ejection.tripped(candidate, rule, tick)) {
      rank = EJECTED;
    } else if (refused
        || service.hardLimit() > 0 && load >= (long) service.hardLimit() * Experience.PARTS) {
      rank = FULL;
    } else {
      rank = soft > 0 && load >= soft ? BUSY : ROOM;
    }
  }

  /// By rank; then by how long one more request would take: exchanges in flight and that one, times
  /// latency where both are known and it differs by more than noise.
  boolean betterThan(Sight other) {
    if (rank != other.rank) {
      return rank < other.rank;
    }
    if (micros != 0
        && other.micros != 0
        && (micros > (long) other.micros * NOISE || other.micros > (long) micros * NOISE)) {
      return (load + Experience.PARTS) * micros < (other.load + Experience.PARTS) * other.micros;
    }
    return load < other.load;
  }

  /// Nanoseconds that one more request would take from here: the way, and the app's own time,
  /// longer as the instance is beyond its soft limit.
  ///
  /// @param usualNanos the app's own time where this instance's is not known
  long costNanos(long wayNanos, long usualNanos) {
    long own = ownNanos(wayNanos);
    own = own < 0 ? usualNanos : own;
    return wayNanos + (soft > 0 && load >= soft ? own * (load + Experience.PARTS) / soft : own);
  }

  /// The app's own time: ours without the way, else as its worker reports; -1 where unknown.
  long ownNanos(long wayNanos) {
    if (micros != 0) {
      return Math.max(0, 1_000L * micros - wayNanos);
    }
    return reported == 0 ? -1 : 1_000L * reported;
  }

  boolean within(int bound) {
    return load < (long) bound * Experience.PARTS;
  }
}
