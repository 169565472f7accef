package anycast.routing.virtual;

import anycast.routing.model.rule.Match;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A place in a trie of path segments.
///
/// Nodes are made children first, and nothing here calls itself: how deep a trie is, tenants
/// decide.
///
/// **Threading.** Immutable once its trie is built; lookups do not allocate.
final class SegmentNode {
  private static final int BYTES = 40;

  /// Whether it is its parent's `wild`.
  final boolean isWild;

  /// Rules whose path ends here; null where none does.
  final ConditionTree rules;

  /// The child for any segment that is not empty; null where no template has one here.
  final SegmentNode wild;

  private final ByteTable<SegmentNode> literals;
  private final int worstVisits;
  private final int bytes;

  /// Written once, when the parent is made.
  private SegmentNode parent;

  private SegmentNode(Growing growing, Match[] ranked) {
    this.isWild = growing.isWild;
    this.rules = growing.ranks.isEmpty() ? null : ConditionTree.of(ranked, growing.ranks);
    this.wild = growing.wild == null ? null : growing.wild.frozen;
    Map<String, SegmentNode> children = HashMap.newHashMap(growing.literals.size());
    growing.literals.forEach((segment, child) -> children.put(segment, child.frozen));
    this.literals = children.isEmpty() ? null : new ByteTable<>(children);
    int deepest = 0;
    int all = BYTES + (rules == null ? 0 : rules.bytes());
    all += literals == null ? 0 : literals.bytes();
    for (SegmentNode child : children.values()) {
      child.parent = this;
      all += child.bytes;
      deepest = Math.max(deepest, child.worstVisits);
    }
    if (wild != null) {
      wild.parent = this;
      all += wild.bytes;
      // Where the literal child leads nowhere, `{}` is tried, too: their costs add up.
      deepest += wild.worstVisits;
    }
    this.bytes = all;
    this.worstVisits = 1 + deepest + (rules == null ? 0 : rules.worstVisits());
  }

  SegmentNode parent() {
    return parent;
  }

  /// @return null where there is none
  SegmentNode literal(byte[] path, int start, int end) {
    return literals == null ? null : literals.find(path, start, end);
  }

  /// Nodes here and below that a walk for one path sees at most, with the conditions at each.
  int worstVisits() {
    return worstVisits;
  }

  /// What this and all below take beside the rules, about.
  int bytes() {
    return bytes;
  }

  /// A trie in the making.
  static final class Trie {
    private final List<Growing> nodes = new ArrayList<>(List.of(new Growing(false)));

    /// @param template whether `{name}` takes any segment
    void add(String[] segments, boolean template, int rank) {
      Growing node = nodes.getFirst();
      for (String segment : segments) {
        if (template && Segments.isWild(segment)) {
          node.wild = node.wild == null ? made(true) : node.wild;
          node = node.wild;
        } else {
          node = node.literals.computeIfAbsent(segment, _ -> made(false));
        }
      }
      node.ranks.add(rank);
    }

    private Growing made(boolean isWild) {
      Growing node = new Growing(isWild);
      nodes.add(node);
      return node;
    }

    /// @param ranked what the rules want, at their ranks
    /// @return the root
    SegmentNode frozen(Match[] ranked) {
      // A child is made after its parent.
      for (Growing node : nodes.reversed()) {
        node.frozen = new SegmentNode(node, ranked);
      }
      return nodes.getFirst().frozen;
    }
  }

  private static final class Growing {
    private final boolean isWild;
    private final Map<String, Growing> literals = new HashMap<>(2);
    private final List<Integer> ranks = new ArrayList<>(1);
    private Growing wild;
    private SegmentNode frozen;

    private Growing(boolean isWild) {
      this.isWild = isWild;
    }
  }
}
