package anycast.routing.pick;

import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.ServicePolicy.Outlier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/// Chooses instances of one service, or of a group that a rule forwards to.
///
/// Candidates stand in tiers by measured round trip. Each choice walks them from the nearest: in a
/// tier one is drawn by weight and compared with two others by rank, then by exchanges in flight
/// and latency, and the best one wins. The ranks are *below the soft limit*, *at the soft limit*,
/// *at the hard limit or just refused*, *ejected*; the first tier whose winner is below the soft
/// limit ends the walk, else the best rank of all tiers does. So a region overflows into the next
/// one only when it is full, and an instance at its hard limit comes last but is not left out: the
/// worker counts exactly, we know what we sent and what it last reported. A service may spill at
/// the hard limit instead, or weigh round trip against latency over all tiers.
///
/// The second and later choices avoid nodes that are in the plan already while there are others,
/// even in a farther tier: a dead worker must not eat all attempts. Only a node that is full or
/// ejected does not count as another: it would refuse.
///
/// **Threading.** Immutable, made with the snapshot, but for the view by nearness, which is made
/// when it is first needed and looked over at most once a second by whoever picks then: immutable
/// too, and published by one write; several loops may make the same one. Reads live cells of load.
/// **Limits.** Where limits are set and both samples are above them, up to [Choice#MAX_PROBES]
/// neighbours are looked at as well, so tiers of up to that size are judged exactly.
public final class Picker {
  /// A plan with more attempts than this would outlast any client's patience.
  static final int MAX_ATTEMPTS = 8;

  /// How often an instance is tried that the client insists on: enough for a link that breaks, and
  /// no more than a usual plan.
  private static final int MAX_FORCED = 3;

  /// The order of [#candidates].
  public static final Comparator<Candidate> BY_NODE_THEN_ID =
      (one, other) -> {
        Instance a = one.instance();
        Instance b = other.instance();
        int order = a.node().value().compareTo(b.node().value());
        return order != 0 ? order : a.id().value().compareTo(b.id().value());
      };

  /// Of one without candidates; a candidate's place, and its places where somebody picked.
  private static final int BYTES = 150;

  private static final int PLACE_BYTES = 4;
  private static final int SEEN_BYTES = 12;

  private final Locality self;
  private final ServicePolicy policy;
  private final Candidate[] all;

  /// Null until the first pick.
  private volatile View view;

  private Picker(Locality self, ServicePolicy policy, Candidate[] all, View view) {
    this.self = self;
    this.policy = policy;
    this.all = all;
    this.view = view;
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
    for (Candidate candidate : all) {
      settle(candidate);
    }
    return new Picker(self, policy, all, null);
  }

  /// The next version: this candidate new or in place of its former version. Costs a copy of the
  /// arrays that hold it.
  public Picker with(Candidate candidate) {
    settle(candidate);
    int at = Level.place(all, candidate.instance().key());
    View known = view;
    View next = known == null ? null : known.with(at < 0 ? null : all[at], candidate);
    return new Picker(self, policy, Level.inserted(all, candidate), next);
  }

  /// The next version: no candidate with this key.
  public Picker without(InstanceKey key) {
    int at = Level.place(all, key);
    if (at < 0) {
      return this;
    }
    View known = view;
    return new Picker(
        self, policy, Level.removed(all, key), known == null ? null : known.without(all[at]));
  }

  /// Its share grows anew when it can take requests again.
  private static void settle(Candidate candidate) {
    if (!candidate.routable()) {
      candidate.load().onUnready();
    }
  }

  /// By which requests are spread: the service's, of several that of the first.
  public ServicePolicy policy() {
    return policy;
  }

  /// All candidates in any state, by node, then by id.
  public List<Candidate> candidates() {
    // Not copied: a change of one of 100,000 asks for the first of them.
    return Collections.unmodifiableList(Arrays.asList(all));
  }

  /// What this takes beside the candidates, about.
  public long bytes() {
    return BYTES + (long) all.length * (view == null ? PLACE_BYTES : SEEN_BYTES);
  }

  /// What may be picked, nearest tier first, with what is known of it now; tiers without candidates
  /// are left out.
  public List<Tier> tiers(long nowNanos) {
    Outlier rule = policy.balance().outlier();
    int tick = Tick.of(nowNanos);
    List<Tier> list = new ArrayList<>();
    for (Level level : view(nowNanos).levels) {
      List<Tier.Member> members = new ArrayList<>(level.members.length);
      for (int i = 0; i < level.members.length; i++) {
        Candidate each = level.members[i];
        long measured = each.path().roundTripNanos();
        members.add(
            new Tier.Member(
                each,
                measured >= 0 ? measured : level.wayNanos,
                measured < 0,
                each.load().total(tick),
                each.load().latencyNanos(nowNanos),
                level.ejected(i) && Ejection.tripped(each, rule, tick)));
      }
      String name = Band.name(level.degree % Band.COUNT);
      list.add(
          new Tier(level.degree < Band.COUNT ? name : name + ", weight 0", List.copyOf(members)));
    }
    return List.copyOf(list);
  }

  /// Answers at most [#MAX_ATTEMPTS] candidates, and at least one where there is any. Pure but for
  /// the load cells.
  public PickResult pick(PickRequest request) {
    Wish wish = request.wish();
    if (wish.instance() != null && wish.instanceForced()) {
      return forced(wish.instance(), request.attempts());
    }
    View view = view(request.nowNanos());
    Choice choice = new Choice(request, policy);
    if (wish.instance() != null) {
      prefer(view, wish, choice);
    }
    choice.fill(
        wish.regions().isEmpty() ? view.levels : view.levels(wish.regions(), wish.regionsForced()));
    if (choice.metFailing) {
      view.hurry = true;
    }
    if (!choice.plan.isEmpty()) {
      return new PickResult.Picked(choice.plan);
    }
    return view.levels.length == 0
        ? Absence.of(all)
        : new PickResult.None(
            PickResult.Why.WISH,
            Absence.count(all.length) + ", some ready, none in " + Absence.names(wish.regions()));
  }

  private View view(long nowNanos) {
    View known = view;
    if (known == null) {
      known = View.of(self, policy, all, nowNanos);
      view = known;
    } else if (known.due(nowNanos)) {
      known = known.next(self, policy, all, nowNanos);
      view = known;
    }
    return known;
  }

  private static void prefer(View view, Wish wish, Choice choice) {
    for (Level level : view.levels) {
      for (int i = 0; i < level.members.length; i++) {
        Instance instance = level.members[i].instance();
        if (instance.id().equals(wish.instance())
            && (!wish.regionsForced() || wish.regions().contains(instance.region()))) {
          choice.prefer(level, i);
          return;
        }
      }
    }
  }

  /// The client insists: whoever asks for one instance, a debugger or a canary's test, means it
  /// also while it is cordoned or fails its checks. Its worker has the last word.
  private PickResult forced(InstanceId wanted, int attempts) {
    List<Candidate> running = new ArrayList<>();
    Instance seen = null;
    for (Candidate each : all) {
      if (each.instance().id().equals(wanted)) {
        seen = each.instance();
        if (each.running()) {
          running.add(each);
        }
      }
    }
    if (running.isEmpty()) {
      return new PickResult.None(PickResult.Why.WISH, Absence.of(wanted, seen));
    }
    List<Candidate> plan = new ArrayList<>(MAX_FORCED);
    for (int i = 0; i < Math.clamp(attempts, 1, MAX_FORCED); i++) {
      plan.add(running.get(i % running.size()));
    }
    return new PickResult.Picked(plan);
  }
}
