package anycast.routing.virtual;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A place in a trie of path segments.
///
/// **Threading.** Immutable once its trie is built; lookups do not allocate.
final class SegmentNode {
  final SegmentNode parent;

  /// Whether it is its parent's `wild`.
  final boolean isWild;

  /// Rules whose path ends here; null where none does.
  final ConditionTree rules;

  /// The child for any segment that is not empty; null where no template has one here.
  final SegmentNode wild;

  private final ByteTable<SegmentNode> literals;

  private SegmentNode(SegmentNode parent, boolean isWild, Growing growing, CompiledRule[] ranked) {
    this.parent = parent;
    this.isWild = isWild;
    this.rules = growing.ranks.isEmpty() ? null : ConditionTree.of(ranked, growing.ranks);
    this.wild = growing.wild == null ? null : new SegmentNode(this, true, growing.wild, ranked);
    Map<String, SegmentNode> children = HashMap.newHashMap(growing.literals.size());
    growing.literals.forEach(
        (segment, child) -> children.put(segment, new SegmentNode(this, false, child, ranked)));
    this.literals = children.isEmpty() ? null : new ByteTable<>(children);
  }

  SegmentNode literal(byte[] path, int start, int end) {
    return literals == null ? null : literals.find(path, start, end);
  }

  /// Where the literal child leads nowhere, `{}` is tried, too: their costs add up.
  int worstTemplateVisits() {
    int own = 1 + (rules == null ? 0 : rules.worstVisits());
    int beside = wild == null ? 0 : wild.worstTemplateVisits();
    int deepest = 0;
    for (SegmentNode child : children()) {
      deepest = Math.max(deepest, child.worstTemplateVisits());
    }
    return own + beside + deepest;
  }

  int worstPrefixVisits() {
    int deepest = 0;
    for (SegmentNode child : children()) {
      deepest = Math.max(deepest, child.worstPrefixVisits());
    }
    return 1 + (rules == null ? 0 : rules.worstVisits()) + deepest;
  }

  private Iterable<SegmentNode> children() {
    return literals == null ? List.of() : literals.values();
  }

  /// A node in the making.
  static final class Growing {
    private final Map<String, Growing> literals = new HashMap<>();
    private final List<Integer> ranks = new ArrayList<>();
    private Growing wild;

    /// @param template whether `{name}` takes any segment
    void add(String[] segments, boolean template, int rank) {
      Growing node = this;
      for (String segment : segments) {
        if (template && Segments.isWild(segment)) {
          node.wild = node.wild == null ? new Growing() : node.wild;
          node = node.wild;
        } else {
          node = node.literals.computeIfAbsent(segment, _ -> new Growing());
        }
      }
      node.ranks.add(rank);
    }

    SegmentNode frozen(CompiledRule[] ranked) {
      return new SegmentNode(null, false, this, ranked);
    }
  }
}
