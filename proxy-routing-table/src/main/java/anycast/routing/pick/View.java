package anycast.routing.pick;

import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.RegionCode;
import anycast.routing.model.ServicePolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The candidates of a picker by nearness, as of one moment: who is how near, and who is ejected.
///
/// Pickers are made when rows change; round trips and faults change without. So a picker in use
/// looks at most once a second whether a node's band is another one, and sooner, when a pick met
/// somebody who fails, who is to be ejected.
///
/// **Threading.** Immutable but for [#hurry]. Published by one volatile write in [Picker]; loops
/// that make one at once make the same one, and the last is kept. **Limits.** A look costs a read a
/// node, and a read a candidate for faults: 0.2 ms for 10,000.
final class View {
  /// Round trips are smoothed over seconds: nobody changes its band faster.
  private static final long LOOK_NANOS = 1_000_000_000L;

  /// Faults within so short a time are one event.
  private static final long HURRY_NANOS = 50_000_000L;

  /// And where there are many candidates, looking for the ejected takes no more than a fiftieth.
  private static final long HURRY_NANOS_A_MEMBER = 1_000L;

  /// What an unmeasured node of the own region is reckoned at, and one of which nothing is known.
  private static final long NEAR_NANOS = 1_000_000L;

  private static final long FAR_NANOS = 300_000_000L;

  final Level[] levels;
  final long atNanos;
  private final Nodes nodes;
  private final int members;

  /// A pick met somebody who fails and is not ejected. A racy hint: a lost one is given again.
  volatile boolean hurry;

  private volatile Map<RegionCode, Level[]> regions;

  /// What was looked at for the bands.
  ///
  /// @param running candidates that run and that nobody took out, ready or not
  private record Nodes(NodePath[] paths, byte[] bands, int running) {
    boolean moved() {
      for (int i = 0; i < paths.length; i++) {
        if (paths[i].band() != bands[i]) {
          return true;
        }
      }
      return false;
    }

    Nodes counting(int more) {
      return new Nodes(paths, bands, running + more);
    }
  }

  private View(Level[] levels, Nodes nodes, long atNanos) {
    this.levels = levels;
    this.nodes = nodes;
    this.atNanos = atNanos;
    int count = 0;
    for (Level level : levels) {
      count += level.members.length;
    }
    this.members = count;
  }

  /// @param all by node, then by id
  static View of(Locality self, ServicePolicy policy, Candidate[] all, long nowNanos) {
    Map<RegionCode, Long> known = regional(all);
    List<List<Candidate>> degrees = new ArrayList<>();
    for (int i = 0; i < 2 * Band.COUNT; i++) {
      degrees.add(null);
    }
    long[] ways = new long[2 * Band.COUNT];
    List<NodePath> paths = new ArrayList<>();
    int running = 0;
    long way = 0;
    int band = 0;
    Candidate last = null;
    for (Candidate each : all) {
      running += running(each);
      if (!each.routable()) {
        continue;
      }
      if (last == null || !last.node().id().equals(each.node().id())) {
        paths.add(each.path());
        way = way(self, each, known);
        band = band(self, each, way);
        last = each;
      }
      int degree = each.weight() == 0 ? Band.COUNT + band : band;
      if (degrees.get(degree) == null) {
        degrees.set(degree, new ArrayList<>());
      }
      degrees.get(degree).add(each);
      ways[degree] += way;
    }
    List<Level> levels = new ArrayList<>();
    for (int degree = 0; degree < degrees.size(); degree++) {
      if (degrees.get(degree) != null) {
        levels.add(level(self, policy, degree, degrees.get(degree), ways[degree]));
      }
    }
    byte[] bands = new byte[paths.size()];
    for (int i = 0; i < bands.length; i++) {
      bands[i] = (byte) paths.get(i).band();
    }
    Nodes nodes = new Nodes(paths.toArray(NodePath[]::new), bands, running);
    return new View(levels.toArray(Level[]::new), nodes, nowNanos).ejecting(policy, nowNanos);
  }

  private static Level level(
      Locality self, ServicePolicy policy, int degree, List<Candidate> members, long ways) {
    Candidate[] array = members.toArray(Candidate[]::new);
    int size = policy.balance().subset();
    boolean cut = size > 0 && size < array.length;
    return Level.of(
        degree,
        cut ? Subset.of(array, size, self.peers().place()) : array,
        ways / array.length,
        cut);
  }

  /// The shortest measured round trip of each region.
  private static Map<RegionCode, Long> regional(Candidate[] all) {
    Map<RegionCode, Long> known = new HashMap<>();
    for (Candidate each : all) {
      if (each.node() != null && each.path().roundTripNanos() >= 0) {
        known.merge(each.node().region(), each.path().roundTripNanos(), Math::min);
      }
    }
    return known;
  }

  /// Round trip to its node: measured, else like others of its region, else by what is usual.
  private static long way(Locality self, Candidate each, Map<RegionCode, Long> known) {
    long measured = each.path().roundTripNanos();
    if (measured >= 0) {
      return measured;
    }
    boolean near = each.node().region().equals(self.region());
    return known.getOrDefault(each.node().region(), near ? NEAR_NANOS : FAR_NANOS);
  }

  private static int band(Locality self, Candidate each, long way) {
    if (each.node().id().equals(self.node())) {
      return Band.SAME_NODE;
    }
    if (each.path().band() != Band.UNKNOWN) {
      return each.path().band();
    }
    return way == FAR_NANOS ? Band.UNKNOWN : Band.of(way);
  }

  /// Whether it is time to look again.
  boolean due(long nowNanos) {
    long age = nowNanos - atNanos;
    return age > LOOK_NANOS || hurry && age > HURRY_NANOS + members * HURRY_NANOS_A_MEMBER;
  }

  /// The next view; this one's levels where nothing changed.
  View next(Locality self, ServicePolicy policy, Candidate[] all, long nowNanos) {
    return nodes.moved()
        ? of(self, policy, all, nowNanos)
        : new View(levels, nodes, nowNanos).ejecting(policy, nowNanos);
  }

  private View ejecting(ServicePolicy policy, long nowNanos) {
    Level[] next = Ejection.of(levels, nodes.running(), policy.balance().outlier(), nowNanos);
    return next == levels ? this : new View(next, nodes, nowNanos);
  }

  /// The next version with this candidate; null where it must be made anew.
  ///
  /// @param former its former version, or null
  View with(Candidate former, Candidate candidate) {
    boolean was = former != null && former.routable();
    View next = this;
    if (candidate.routable()) {
      boolean moved = was && (former.weight() == 0 || !former.node().equals(candidate.node()));
      next = moved || candidate.weight() == 0 ? null : inserted(candidate);
    } else if (was) {
      next = without(candidate.instance().key());
    }
    return next == null ? null : next.counting(running(candidate) - running(former));
  }

  private View inserted(Candidate candidate) {
    for (int i = 0; i < levels.length; i++) {
      Level level = levels[i];
      if (level.subset) {
        return null;
      }
      if (level.degree < Band.COUNT && level.hasNodeOf(candidate.instance())) {
        Level[] next = levels.clone();
        next[i] = level.with(candidate);
        return new View(next, nodes, atNanos);
      }
    }
    return null;
  }

  /// The next version without this candidate; null where it must be made anew.
  View without(Candidate former) {
    View next = former.routable() ? without(former.instance().key()) : this;
    return next == null ? null : next.counting(-running(former));
  }

  private View without(InstanceKey key) {
    for (int i = 0; i < levels.length; i++) {
      Level next = levels[i].subset ? null : levels[i].without(key);
      if (next == null) {
        return null;
      }
      if (next != levels[i]) {
        Level[] others = levels.clone();
        others[i] = next;
        return new View(others, nodes, atNanos);
      }
    }
    return this;
  }

  private View counting(int more) {
    return more == 0 ? this : new View(levels, nodes.counting(more), atNanos);
  }

  private static int running(Candidate candidate) {
    boolean runs =
        candidate != null && candidate.running() && candidate.standing() != Standing.CORDONED;
    return runs ? 1 : 0;
  }

  /// The levels of each region in order, then all.
  ///
  /// @param forced leave out what is in none of them
  Level[] levels(List<RegionCode> wanted, boolean forced) {
    Map<RegionCode, Level[]> known = regions;
    if (known == null) {
      known = byRegion();
      regions = known;
    }
    List<Level> list = new ArrayList<>();
    for (RegionCode region : wanted) {
      list.addAll(List.of(known.getOrDefault(region, NONE)));
    }
    if (!forced) {
      list.addAll(List.of(levels));
    }
    return list.toArray(NONE);
  }

  private static final Level[] NONE = {};

  private Map<RegionCode, Level[]> byRegion() {
    Map<RegionCode, List<Level>> found = new HashMap<>();
    for (Level level : levels) {
      for (Candidate member : level.members) {
        List<Level> list =
            found.computeIfAbsent(member.instance().region(), _ -> new ArrayList<>());
        if (list.isEmpty() || list.getLast().degree != level.degree) {
          RegionCode region = member.instance().region();
          list.add(level.only(instance -> instance.region().equals(region)));
        }
      }
    }
    Map<RegionCode, Level[]> frozen = new HashMap<>();
    found.forEach((region, list) -> frozen.put(region, list.toArray(NONE)));
    return Map.copyOf(frozen);
  }
}
