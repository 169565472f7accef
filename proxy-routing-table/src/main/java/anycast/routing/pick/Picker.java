package anycast.routing.pick;

import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Instance;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// Chooses instances of one service.
///
/// Each choice walks the tiers from the nearest: in a tier, two random candidates are compared by
/// rank, then by exchanges in flight, and the better one wins. The ranks are *below the soft
/// limit*, *at the soft limit*, *at the hard limit*; the first tier whose winner is below the soft
/// limit ends the walk, else the best rank of all tiers does. So a region overflows into the next
/// one only when it is full, and an instance at its hard limit comes last but is not left out: the
/// worker counts exactly, we count what we sent.
///
/// The second and later choices avoid nodes that are in the plan already while there are others,
/// even in a farther tier: a dead worker must not eat all attempts. Only a node that is full does
/// not count as another: it would refuse.
///
/// **Threading.** Immutable, made with the snapshot; reads live load cells. **Limits.** Where
/// limits are set and both samples are above them, up to [#MAX_PROBES] neighbours are looked at as
/// well, so tiers of up to that size are judged exactly.
public final class Picker {
  /// A plan with more attempts than this would outlast any client's patience.
  static final int MAX_ATTEMPTS = 8;

  /// Enough to find room in a small tier for certain, and in a big one where 1 in 8 has it with
  /// 88%.
  static final int MAX_PROBES = 16;

  /// The rank of an instance at its hard limit.
  private static final int FULL = 2;

  /// The order of [#candidates].
  public static final Comparator<Candidate> BY_NODE_THEN_ID =
      (one, other) -> {
        Instance a = one.instance();
        Instance b = other.instance();
        int order = a.node().value().compareTo(b.node().value());
        return order != 0 ? order : a.id().value().compareTo(b.id().value());
      };

  private static final Candidate[] NOBODY = {};
  private static final int TIERS = 3;

  private final Locality self;
  private final ServicePolicy policy;
  private final Candidate[] all;
  private final Candidate[][] tiers;

  private Picker(Locality self, ServicePolicy policy, Candidate[] all, Candidate[][] tiers) {
    this.self = self;
    this.policy = policy;
    this.all = all;
    this.tiers = tiers;
  }

  /// A picker over these candidates of one service, in any state and order.
  public static Picker of(Locality self, Service service, Collection<Candidate> candidates) {
    return of(self, service.policy(), candidates);
  }

  /// A picker over candidates of several services. Limits are those of each candidate's own.
  ///
  /// @param policy by which to spread requests, spill, eject and keep affinity; where several
  ///   services are meant, that of the first
  public static Picker of(Locality self, ServicePolicy policy, Collection<Candidate> candidates) {
    Candidate[] all = candidates.toArray(Candidate[]::new);
    Arrays.sort(all, BY_NODE_THEN_ID);
    List<List<Candidate>> sorted = new ArrayList<>(TIERS);
    for (int i = 0; i < TIERS; i++) {
      sorted.add(new ArrayList<>());
    }
    for (Candidate candidate : all) {
      if (candidate.routable()) {
        sorted.get(nearness(self, candidate)).add(candidate);
      }
    }
    Candidate[][] tiers = new Candidate[TIERS][];
    Arrays.setAll(tiers, i -> sorted.get(i).toArray(NOBODY));
    return new Picker(self, policy, all, tiers);
  }

  /// The next version: this candidate new or in place of its former version. Costs a copy of the
  /// arrays that hold it.
  public Picker with(Candidate candidate) {
    Candidate[][] next = tiersWithout(candidate.instance().key());
    if (candidate.routable()) {
      int tier = nearness(self, candidate);
      next[tier] = inserted(next[tier], candidate);
    }
    return new Picker(self, policy, inserted(all, candidate), next);
  }

  /// The next version: no candidate with this key.
  public Picker without(InstanceKey key) {
    return new Picker(self, policy, removed(all, key), tiersWithout(key));
  }

  /// By which requests are spread: the service's, of several that of the first.
  public ServicePolicy policy() {
    return policy;
  }

  /// All candidates in any state, by node, then by id.
  public List<Candidate> candidates() {
    return List.of(all);
  }

  /// What may be picked, nearest tier first, with what is known of it now; tiers without candidates
  /// are left out.
  public List<Tier> tiers(long nowNanos) {
    List<Tier> list = new ArrayList<>(TIERS);
    for (int i = 0; i < TIERS; i++) {
      List<Tier.Member> members = new ArrayList<>();
      for (Candidate each : tiers[i]) {
        members.add(
            new Tier.Member(
                each, each.path().roundTripNanos(), false, each.load().inFlight(), -1, false));
      }
      if (!members.isEmpty()) {
        list.add(new Tier("tier " + i, List.copyOf(members)));
      }
    }
    return List.copyOf(list);
  }

  /// Answers at most [#MAX_ATTEMPTS] candidates.
  public PickResult pick(PickRequest request) {
    return pick(request.attempts(), request.random());
  }

  /// @param attempts how many candidates at most; counted as 1 below and as [#MAX_ATTEMPTS] above
  /// @param random 64 random bits: picking is pure but for the load cells
  public PickResult pick(int attempts, long random) {
    Choice choice = new Choice(Math.clamp(attempts, 1, MAX_ATTEMPTS), random);
    while (choice.next(true) || choice.next(false)) {}
    return choice.picked.isEmpty()
        ? new PickResult.None(PickResult.Why.NOT_RUNNING, whyNone())
        : new PickResult.Picked(choice.picked);
  }

  private String whyNone() {
    if (all.length == 0) {
      return "no instance known";
    }
    int started = 0;
    for (Candidate candidate : all) {
      started += candidate.instance().state() == Instance.State.STARTED ? 1 : 0;
    }
    String known = all.length == 1 ? "1 instance" : all.length + " instances";
    return started == 0
        ? known + ", none started"
        : known + ", " + started + " started, none on a known node that accepts links";
  }

  private static int nearness(Locality self, Candidate candidate) {
    if (candidate.node().id().equals(self.node())) {
      return 0;
    }
    return candidate.node().region().equals(self.region()) ? 1 : 2;
  }

  private static int rank(Candidate candidate) {
    Service service = candidate.service();
    int inFlight = candidate.load().inFlight();
    if (service.hardLimit() > 0 && inFlight >= service.hardLimit()) {
      return FULL;
    }
    return service.softLimit() > 0 && inFlight >= service.softLimit() ? 1 : 0;
  }

  private Candidate[][] tiersWithout(InstanceKey key) {
    Candidate[][] next = tiers.clone();
    for (int i = 0; i < TIERS; i++) {
      next[i] = removed(next[i], key);
    }
    return next;
  }

  private static Candidate[] removed(Candidate[] from, InstanceKey key) {
    int at = place(from, key);
    if (at < 0) {
      return from;
    }
    Candidate[] next = Arrays.copyOf(from, from.length - 1);
    System.arraycopy(from, at + 1, next, at, next.length - at);
    return next;
  }

  private static Candidate[] inserted(Candidate[] into, Candidate candidate) {
    int at = place(into, candidate.instance().key());
    if (at >= 0) {
      Candidate[] next = into.clone();
      next[at] = candidate;
      return next;
    }
    Candidate[] next = Arrays.copyOf(into, into.length + 1);
    System.arraycopy(into, -at - 1, next, -at, into.length + at + 1);
    next[-at - 1] = candidate;
    return next;
  }

  private static int place(Candidate[] in, InstanceKey key) {
    int low = 0;
    int high = in.length - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      Instance there = in[middle].instance();
      int order = there.node().value().compareTo(key.node().value());
      if (order == 0) {
        order = there.id().value().compareTo(key.instance().value());
      }
      if (order == 0) {
        return middle;
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return -low - 1;
  }

  /// The candidates of one plan in the making.
  private final class Choice {
    final List<Candidate> picked;
    private final int attempts;
    private long random;

    Choice(int attempts, long random) {
      this.attempts = attempts;
      this.random = random;
      this.picked = new ArrayList<>(attempts);
    }

    /// Adds the best of the rest; with `otherNode`, of those on nodes not in the plan.
    ///
    /// @return false where the plan is full or nobody is left
    boolean next(boolean otherNode) {
      if (picked.size() == attempts) {
        return false;
      }
      Candidate best = null;
      int bestRank = Integer.MAX_VALUE;
      for (Candidate[] tier : tiers) {
        Candidate winner = tier.length == 0 ? null : winner(open(tier, otherNode));
        int rank = winner == null ? Integer.MAX_VALUE : rank(winner);
        if (rank < bestRank) {
          best = winner;
          bestRank = rank;
        }
        if (rank == 0) {
          break;
        }
      }
      if (best == null || otherNode && !picked.isEmpty() && bestRank == FULL) {
        return false;
      }
      return picked.add(best);
    }

    private Candidate winner(Open open) {
      if (open.size == 0) {
        return null;
      }
      int first = below(open.size);
      Candidate best = open.at(first);
      if (open.size == 1) {
        return best;
      }
      int second = below(open.size - 1);
      second += second >= first ? 1 : 0;
      int bestLoad = best.load().inFlight();
      // One probe is the second of the two choices; more follow only while nobody has room.
      for (int probe = 0; probe <= MAX_PROBES && probe < open.size; probe++) {
        Candidate other = open.at((second + probe) % open.size);
        int load = other.load().inFlight();
        if (rank(other) < rank(best) || rank(other) == rank(best) && load < bestLoad) {
          best = other;
          bestLoad = load;
        }
        if (rank(best) == 0) {
          break;
        }
      }
      return best;
    }

    /// What of a tier may still be chosen: all but the candidates in the plan, or all but their
    /// nodes. A node's candidates stand side by side, so both are all but a few ranges.
    private Open open(Candidate[] tier, boolean otherNode) {
      Open open = new Open(tier, picked.size());
      for (Candidate taken : picked) {
        Instance instance = taken.instance();
        int at = place(tier, instance.key());
        if (!otherNode) {
          if (at >= 0) {
            open.close(at, at + 1);
          }
          continue;
        }
        int from = at >= 0 ? at : -at - 1;
        int to = at >= 0 ? at + 1 : from;
        while (from > 0 && tier[from - 1].instance().node().equals(instance.node())) {
          from--;
        }
        while (to < tier.length && tier[to].instance().node().equals(instance.node())) {
          to++;
        }
        open.close(from, to);
      }
      return open;
    }

    /// A number below `bound`, the next of SplitMix64's sequence.
    private int below(int bound) {
      random += 0x9e3779b97f4a7c15L;
      long z = (random ^ random >>> 30) * 0xbf58476d1ce4e5b9L;
      z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
      z ^= z >>> 31;
      return (int) ((z >>> 32) * bound >>> 32);
    }
  }

  /// A tier without some ranges, numbered through.
  private static final class Open {
    private final Candidate[] tier;
    private final int[] from;
    private final int[] to;
    private int ranges;
    int size;

    Open(Candidate[] tier, int mostRanges) {
      this.tier = tier;
      this.size = tier.length;
      this.from = new int[mostRanges];
      this.to = new int[mostRanges];
    }

    /// Ranges are equal or apart, never partly over each other.
    void close(int start, int end) {
      int i = ranges;
      while (i > 0 && from[i - 1] >= start) {
        i--;
      }
      if (start == end || i < ranges && from[i] == start) {
        return;
      }
      System.arraycopy(from, i, from, i + 1, ranges - i);
      System.arraycopy(to, i, to, i + 1, ranges - i);
      from[i] = start;
      to[i] = end;
      ranges++;
      size -= end - start;
    }

    Candidate at(int number) {
      int index = number;
      for (int i = 0; i < ranges && index >= from[i]; i++) {
        index += to[i] - from[i];
      }
      return tier[index];
    }
  }
}
