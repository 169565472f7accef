package anycast.routing.pick;

/// Which member of a level a key belongs to: highest random weight, with a bound on load.
///
/// Each member has a score for the key, from both hashes; the highest one has the key. A member
/// that goes loses its keys to the others evenly, one that comes takes its share from all evenly,
/// and no other key moves. A member above the bound is passed over for this request alone.
///
/// **Limits.** Two nanoseconds a member; a service of thousands has a subset.
final class Affinity {
  /// Nobody gets more than this much of the average load: a tighter bound moves more keys away, a
  /// wider one lets a popular key fill its instance (Mirrokni, Thorup, Zadimoghaddam: 1.25 moves
  /// few keys and costs a few percent of imbalance).
  private static final double BOUND = 1.25;

  /// So many at once overload nobody, whatever the average is.
  private static final int NEVER_BOUND = 8;

  /// Members looked at for the average; beyond, every n-th.
  private static final int SAMPLES = 64;

  private Affinity() {}

  /// The open member with the highest score below `below`; -1 where there is none.
  static int best(Level level, Open open, long key, double below) {
    long[] hashes = level.hashes();
    int best = -1;
    double highest = -1;
    for (int i = 0; i < hashes.length; i++) {
      double score = score(level, hashes[i], key, i);
      if (score > highest && score < below && open.has(i)) {
        highest = score;
        best = i;
      }
    }
    return best;
  }

  static double score(Level level, long key, int index) {
    return score(level, level.hashes()[index], key, index);
  }

  private static double score(Level level, long hash, long key, int index) {
    double even = (Mixing.of(hash ^ key) >>> 11) * 0x1p-53;
    return level.weights == null ? even : Math.pow(even, 1.0 / level.members[index].weight());
  }

  /// Exchanges in flight at which a member of the level is passed over.
  static int bound(Level level, int tick) {
    int count = level.members.length;
    int step = Math.max(1, count / SAMPLES);
    long sum = 0;
    int seen = 0;
    for (int i = 0; i < count; i += step) {
      sum += level.members[i].load().total(tick);
      seen++;
    }
    return Math.max(NEVER_BOUND, (int) Math.ceil(BOUND * (sum + 1) / seen));
  }
}
