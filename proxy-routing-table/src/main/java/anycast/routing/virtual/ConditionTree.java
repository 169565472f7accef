package anycast.routing.virtual;

import anycast.routing.model.rule.Match;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The rules on one path, by what else they want of a request.
///
/// ```
///   header x-tenant ─┬─ = "a" ──► rules that want "a"
///                    ├─ = "b" ──► rules that want "b"
///                    └─ rest ───► method ─┬─ GET ──► …
///                                         └─ rest ──► few, tried in order
/// ```
///
/// A node asks for that one thing (method, port, or what a header, cookie or query parameter is
/// equal to) which leaves the fewest rules in the largest of its branches and the rest together;
/// [ConditionGrowth] chooses. Both the branch and the rest may hold the rule that comes first, so
/// both are asked; each knows the lowest rank below it, and one that cannot do better than what is
/// found is left out. What a branch has proven is not tried again below it.
///
/// **Threading.** Immutable; [#match] does not allocate. **Limits.** A match goes down one branch
/// for each value that the request has under the node's name (at most [Check#MAX_VALUES]), and the
/// rest. Rules that no such thing tells apart are tried one after another: only names that many
/// rules share, and only equality, are worth a table. Depth is at most the number of conditions
/// that one rule has: the rest is a loop.
final class ConditionTree {
  private static final int NODE_BYTES = 48;
  private static final int ARRAY_BYTES = 16;

  /// No rule's rank.
  static final int NOTHING = Integer.MAX_VALUE;

  /// What is asked; null at the end, where rules are tried in order.
  private final Asked asked;

  private final TextTable<ConditionTree> branches;

  /// Where the port is asked: ascending, with the branch of each.
  private final int[] ports;

  private final ConditionTree[] portBranches;
  private final ConditionTree rest;
  private final Trial[] leaf;

  /// Lowest rank here and below.
  private final int best;

  private final int worstVisits;
  private final int bytes;

  /// @param wants ascending by rank
  private ConditionTree(List<Wants> wants) {
    this.asked = null;
    this.branches = null;
    this.ports = null;
    this.portBranches = null;
    this.rest = null;
    this.leaf = wants.stream().map(Trial::of).toArray(Trial[]::new);
    this.best = leaf.length == 0 ? NOTHING : leaf[0].rank();
    this.worstVisits = leaf.length;
    int all = NODE_BYTES + ARRAY_BYTES;
    for (Trial trial : leaf) {
      all += trial.bytes();
    }
    this.bytes = all;
  }

  private ConditionTree(Asked asked, Map<String, ConditionTree> values, ConditionTree rest) {
    boolean byPort = asked.place() == Asked.Place.PORT;
    Map<Integer, ConditionTree> numbers = new TreeMap<>();
    if (byPort) {
      values.forEach((port, branch) -> numbers.put(Integer.valueOf(port), branch));
    }
    this.asked = asked;
    this.branches = byPort ? null : new TextTable<>(values);
    this.ports = numbers.keySet().stream().mapToInt(Integer::intValue).toArray();
    this.portBranches = numbers.values().toArray(ConditionTree[]::new);
    this.rest = rest;
    this.leaf = null;
    int lowest = rest.best;
    int deepest = 0;
    int all = NODE_BYTES + Asked.BYTES + rest.bytes + 2 * ARRAY_BYTES + 8 * ports.length;
    all += byPort ? 0 : branches.bytes();
    for (ConditionTree branch : values.values()) {
      lowest = Math.min(lowest, branch.best);
      deepest = Math.max(deepest, branch.worstVisits);
      all += branch.bytes;
    }
    this.bytes = all;
    this.best = lowest;
    this.worstVisits = 1 + deepest + rest.worstVisits;
  }

  /// @param matches of all rules, at their ranks
  /// @param ranks of the rules on the path, ascending
  static ConditionTree of(Match[] matches, List<Integer> ranks) {
    return ConditionGrowth.of(ranks.stream().map(rank -> Wants.of(rank, matches[rank])).toList());
  }

  static ConditionTree leaf(List<Wants> wants) {
    return new ConditionTree(wants);
  }

  static ConditionTree node(Asked asked, Map<String, ConditionTree> branches, ConditionTree rest) {
    return new ConditionTree(asked, branches, rest);
  }

  /// @return the rank of the first rule that takes the request, or [#NOTHING]
  int match(RequestView request) {
    return match(request, NOTHING);
  }

  /// @param found rank of the best rule so far: only a lower one is of interest
  private int match(RequestView request, int found) {
    int rank = found;
    ConditionTree node = this;
    while (node.asked != null && node.best < rank) {
      rank =
          node.asked.place() == Asked.Place.PORT
              ? node.byPort(request, rank)
              : node.byValue(request, rank);
      node = node.rest;
    }
    if (node.asked == null) {
      for (Trial trial : node.leaf) {
        if (trial.rank() >= rank) {
          break;
        }
        if (trial.holds(request)) {
          return trial.rank();
        }
      }
    }
    return rank;
  }

  private int byValue(RequestView request, int found) {
    int rank = found;
    for (int i = 0; i < Check.MAX_VALUES; i++) {
      CharSequence value = asked.value(request, i);
      if (value == null) {
        break;
      }
      ConditionTree branch = branches.find(value);
      if (branch != null && branch.best < rank) {
        rank = branch.match(request, rank);
      }
    }
    return rank;
  }

  private int byPort(RequestView request, int found) {
    int at = Arrays.binarySearch(ports, request.port());
    return at >= 0 && portBranches[at].best < found
        ? portBranches[at].match(request, found)
        : found;
  }

  int worstVisits() {
    return worstVisits;
  }

  /// What this and all below take beside the rules, about.
  int bytes() {
    return bytes;
  }

  /// What a node asks of a request.
  ///
  /// @param name of the header, cookie or parameter; empty for the others
  record Asked(Place place, String name) implements Comparable<Asked> {
    static final int BYTES = 24;
    static final Asked METHOD = new Asked(Place.METHOD, "");
    static final Asked PORT = new Asked(Place.PORT, "");

    /// The order in which equally good questions are asked: cheap ones first.
    enum Place {
      METHOD,
      PORT,
      HEADER,
      COOKIE,
      QUERY
    }

    static Asked of(Check.Place place, String name) {
      return switch (place) {
        case HEADER -> new Asked(Place.HEADER, name);
        case COOKIE -> new Asked(Place.COOKIE, name);
        case QUERY -> new Asked(Place.QUERY, name);
      };
    }

    CharSequence value(RequestView request, int index) {
      return switch (place) {
        case METHOD -> index == 0 ? request.method() : null;
        case PORT -> null;
        case HEADER -> request.header(name, index);
        case COOKIE -> request.cookie(name, index);
        case QUERY -> request.query(name, index);
      };
    }

    /// The same rules always grow into the same tree.
    @Override
    public int compareTo(Asked other) {
      int byPlace = place.compareTo(other.place);
      return byPlace != 0 ? byPlace : name.compareTo(other.name);
    }
  }

  /// One rule at the end, in arrays.
  private record Trial(int rank, String[] methods, int port, Check[] checks) {
    /// With its place, and the heads of its arrays.
    private static final int BYTES = 4 + 32 + 2 * ARRAY_BYTES;

    private static final int METHOD_BYTES = 4;

    /// With its place, and what it asks.
    private static final int CHECK_BYTES = 4 + 24 + Asked.BYTES;

    int bytes() {
      return BYTES + methods.length * METHOD_BYTES + checks.length * CHECK_BYTES;
    }

    static Trial of(Wants wants) {
      return new Trial(
          wants.rank(),
          wants.methods().toArray(String[]::new),
          wants.port(),
          wants.checks().toArray(Check[]::new));
    }

    boolean holds(RequestView request) {
      if (port != 0 && port != request.port() || methods.length > 0 && !isMethod(request)) {
        return false;
      }
      for (Check check : checks) {
        if (!check.holds(request)) {
          return false;
        }
      }
      return true;
    }

    private boolean isMethod(RequestView request) {
      CharSequence asked = request.method();
      for (String method : methods) {
        if (method.contentEquals(asked)) {
          return true;
        }
      }
      return false;
    }
  }
}
