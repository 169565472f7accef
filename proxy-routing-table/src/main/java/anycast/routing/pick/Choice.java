package anycast.routing.pick;

import anycast.routing.model.ServicePolicy;
import anycast.routing.model.ServicePolicy.Outlier;
import anycast.routing.model.ServicePolicy.Spill;
import java.util.ArrayList;
import java.util.List;

/// The candidates of one plan in the making: what [Picker] says, step by step.
///
/// **Ownership.** One pick's. **Limits.** A level costs at most the draws, the partner and
/// [#MAX_PROBES] looks; a plan [Picker#MAX_ATTEMPTS] times the levels.
final class Choice {
  /// Enough to find room in a small tier for certain, and in a big one where 1 in 8 has it with 88
  /// %.
  static final int MAX_PROBES = 16;

  /// Draws that may meet somebody ejected or new before one is taken as it comes: with half of all
  /// ejected 1 in 16 draws ends on one, and then the probes look further.
  private static final int MAX_REDRAWS = 4;

  /// Members with the key's highest scores that are tried before load decides.
  private static final int MAX_KEEPERS = 8;

  /// With whom the drawn one is compared. The second partner costs 10 ns and takes a third off
  /// p99.9 where one instance in twenty is slow: of two, both are slow once in 400 times.
  private static final int PARTNERS = 2;

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  final List<Candidate> plan;
  private final PickRequest request;
  private final ServicePolicy policy;
  private final Outlier rule;
  private final int attempts;
  private final int tick;
  private final Open open = new Open();
  private Sight best = new Sight();
  private Sight other = new Sight();
  private long random;

  /// The last draw took an ejected one's probe.
  private boolean probing;

  /// Somebody fails who is not ejected yet.
  boolean metFailing;

  Choice(PickRequest request, ServicePolicy policy) {
    this.request = request;
    this.policy = policy;
    this.rule = policy.balance().outlier();
    this.attempts = Math.clamp(request.attempts(), 1, Picker.MAX_ATTEMPTS);
    this.tick = Tick.of(request.nowNanos());
    this.random = request.random();
    this.plan = new ArrayList<>(attempts);
  }

  void fill(Level[] levels) {
    while (next(levels, true) || next(levels, false)) {}
  }

  /// Puts somebody first without a choice, unless it is full or ejected.
  void prefer(Level level, int index) {
    best.look(level, index, rule, tick);
    if (best.rank <= Sight.BUSY) {
      plan.add(level.members[index]);
    }
  }

  /// Adds the best of the rest; with `otherNode`, of those on nodes not in the plan.
  ///
  /// @return false where the plan is full or nobody is left
  private boolean next(Level[] levels, boolean otherNode) {
    if (plan.size() == attempts) {
      return false;
    }
    Candidate best = null;
    int bestRank = Integer.MAX_VALUE;
    long bestCost = Long.MAX_VALUE;
    long usual = 0;
    boolean byCost = policy.spill() == Spill.LATENCY;
    int enough = policy.spill() == Spill.HARD ? Sight.BUSY : Sight.ROOM;
    for (Level level : levels) {
      Sight winner = winner(level, otherNode);
      if (winner == null) {
        continue;
      }
      long way = level.wayNanos;
      usual = usual == 0 ? Math.max(0, winner.ownNanos(way)) : usual;
      // Full and ejected ones come last whatever they cost.
      int rank = winner.rank <= enough || byCost && winner.rank <= Sight.BUSY ? 0 : winner.rank;
      long cost = byCost ? winner.costNanos(way, usual) : 0;
      if (rank < bestRank || rank == bestRank && cost < bestCost) {
        best = level.members[winner.index];
        bestRank = rank;
        bestCost = cost;
      }
      if (probing || bestRank == 0 && !byCost) {
        break;
      }
    }
    if (best == null || otherNode && !plan.isEmpty() && bestRank >= Sight.FULL) {
      return false;
    }
    return plan.add(best);
  }

  /// The best of three, or of some more where none of them has room; null where nobody is left.
  private Sight winner(Level level, boolean otherNode) {
    probing = false;
    open.of(level, plan, otherNode);
    if (open.size == 0) {
      return null;
    }
    if (request.affinity() != 0 && keeper(level)) {
      return best;
    }
    int first = draw(level);
    best.look(level, first, rule, tick);
    if (probing) {
      best.rank = Sight.ROOM;
      return best;
    }
    if (open.size == 1) {
      return best;
    }
    for (int i = 0; i < PARTNERS; i++) {
      int partner = partner(level, first);
      if (partner >= 0 && partner != best.index && welcome(level, partner)) {
        compare(level, partner);
      }
    }
    if (best.rank != Sight.ROOM) {
      int from = below(open.size);
      for (int probe = 0; probe < Math.min(MAX_PROBES, open.size); probe++) {
        compare(level, open.member((from + probe) % open.size));
        if (best.rank == Sight.ROOM) {
          break;
        }
      }
    }
    return best;
  }

  private void compare(Level level, int index) {
    other.look(level, index, rule, tick);
    if (other.betterThan(best)) {
      Sight worse = best;
      best = other;
      other = worse;
    }
  }

  /// Who has the key, or the next one by score while that one is above the bound.
  private boolean keeper(Level level) {
    int bound = Affinity.bound(level, tick);
    double below = Double.MAX_VALUE;
    for (int i = 0; i < MAX_KEEPERS; i++) {
      int index = Affinity.best(level, open, request.affinity(), below);
      if (index < 0) {
        return false;
      }
      best.look(level, index, rule, tick);
      if (best.rank == Sight.ROOM && best.within(bound)) {
        return true;
      }
      below = Affinity.score(level, request.affinity(), index);
    }
    return false;
  }

  /// A random one by weight, preferably one that is neither ejected nor still too new.
  private int draw(Level level) {
    int index = 0;
    for (int i = 0; i < MAX_REDRAWS; i++) {
      index = open.drawn(below(open.weight));
      if (welcome(level, index)) {
        break;
      }
      Candidate drawn = level.members[index];
      boolean mayProbe = request.probes() && plan.isEmpty() && level.ejected(index);
      if (mayProbe && Ejection.tryProbe(drawn, rule, tick)) {
        probing = true;
        break;
      }
    }
    return index;
  }

  private boolean welcome(Level level, int index) {
    Candidate candidate = level.members[index];
    if (Ejection.tripped(candidate, rule, tick)) {
      if (level.ejected(index)) {
        return false;
      }
      metFailing = true;
    }
    long slow = policy.balance().slowStartNanos();
    if (slow <= 0) {
      return true;
    }
    int warmth = candidate.load().warmth(slow, tick);
    return warmth == 256 || below(256) < warmth;
  }

  /// Another one that weighs the same; -1 where none was found.
  private int partner(Level level, int first) {
    Weights weights = level.weights;
    if (weights == null) {
      // One draw less: below the first, or behind it.
      int number = below(open.size - 1);
      int index = open.member(number);
      return index < first ? index : open.member(number + 1);
    }
    int weight = level.members[first].weight();
    int from = weights.lighter(weight);
    int count = weights.lighter(weight + 1) - from;
    int index = weights.byWeight(from + below(count));
    return open.has(index) ? index : -1;
  }

  /// A number below `bound`, the next of SplitMix64's sequence.
  private int below(int bound) {
    return (int) below((long) bound);
  }

  private long below(long bound) {
    long bits = Mixing.of(random);
    random += GOLDEN;
    return Math.unsignedMultiplyHigh(bits, bound);
  }
}
