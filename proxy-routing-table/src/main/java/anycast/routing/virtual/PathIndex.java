package anycast.routing.virtual;

import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.RuleSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Paths of a host's rules → the conditions of the rules on each.
///
/// Templates lie in one trie for each number of segments, so that a walk ends only where a template
/// does. In a trie, the literal child is tried before `{}`: that is their order. Walks go back over
/// the parents, with no stack and no object.
///
/// **Threading.** Immutable; [#match] does not allocate.
final class PathIndex implements RuleSet.Prepared {
  /// This object and two arrays.
  private static final int BYTES = 64;

  private final ByteTable<ConditionTree> exact;
  private final int exactVisits;
  private final SegmentNode[] templates;
  private final SegmentNode prefixes;
  private final int bytes;

  /// @param rules what they want, in order; their places are their ranks
  PathIndex(Match[] rules) {
    Map<String, List<Integer>> exactPaths = new HashMap<>();
    List<SegmentNode.Trie> byCount = new ArrayList<>();
    SegmentNode.Trie prefixRoot = new SegmentNode.Trie();
    for (int rank = 0; rank < rules.length; rank++) {
      switch (rules[rank].path()) {
        case PathMatch.Exact(String text) ->
            exactPaths.computeIfAbsent(text, _ -> new ArrayList<>()).add(rank);
        case PathMatch.Template(String text) -> {
          String[] segments = Segments.of(text);
          while (byCount.size() <= segments.length) {
            byCount.add(new SegmentNode.Trie());
          }
          byCount.get(segments.length).add(segments, true, rank);
        }
        case PathMatch.Prefix(String text) -> prefixRoot.add(Segments.ofPrefix(text), false, rank);
      }
    }
    Map<String, ConditionTree> trees = new HashMap<>();
    exactPaths.forEach((text, ranks) -> trees.put(text, ConditionTree.of(rules, ranks)));
    this.exact = trees.isEmpty() ? null : new ByteTable<>(trees);
    this.exactVisits =
        trees.values().stream().mapToInt(tree -> 1 + tree.worstVisits()).max().orElse(0);
    this.templates = byCount.stream().map(root -> root.frozen(rules)).toArray(SegmentNode[]::new);
    this.prefixes = prefixRoot.frozen(rules);
    int all = BYTES + prefixes.bytes() + (exact == null ? 0 : exact.bytes());
    for (ConditionTree tree : trees.values()) {
      all += tree.bytes();
    }
    for (SegmentNode root : templates) {
      all += root.bytes();
    }
    this.bytes = all;
  }

  /// @return the rank of the first rule that takes the request, or [ConditionTree#NOTHING]
  int match(RequestView request) {
    byte[] path = request.path();
    int start = request.pathStart();
    int end = request.pathEnd();
    if (exact != null) {
      ConditionTree tree = exact.find(path, start, end);
      int rank = tree == null ? ConditionTree.NOTHING : tree.match(request);
      if (rank != ConditionTree.NOTHING) {
        return rank;
      }
    }
    if (templates.length > 0) {
      int count = Segments.count(path, start, end);
      if (count > 0 && count < templates.length) {
        int rank = byTemplate(templates[count], request, start, end);
        if (rank != ConditionTree.NOTHING) {
          return rank;
        }
      }
    }
    return byPrefix(request, start, end);
  }

  private static int byTemplate(SegmentNode root, RequestView request, int start, int end) {
    byte[] path = request.path();
    SegmentNode node = root;
    int at = start;
    while (true) {
      SegmentNode next = null;
      if (at == end) {
        int rank = node.rules == null ? ConditionTree.NOTHING : node.rules.match(request);
        if (rank != ConditionTree.NOTHING) {
          return rank;
        }
      } else {
        int segmentEnd = Segments.end(path, at + 1, end);
        next = node.literal(path, at + 1, segmentEnd);
        if (next == null && segmentEnd > at + 1) {
          next = node.wild;
        }
        at = next == null ? at : segmentEnd;
      }
      // Back to the last place where `{}` is still to be tried.
      while (next == null) {
        if (node == root) {
          return ConditionTree.NOTHING;
        }
        int segmentStart = at;
        while (path[segmentStart - 1] != '/') {
          segmentStart--;
        }
        boolean triedWild = node.isWild;
        node = node.parent();
        if (!triedWild && node.wild != null && segmentStart < at) {
          next = node.wild;
        } else {
          at = segmentStart - 1;
        }
      }
      node = next;
    }
  }

  private int byPrefix(RequestView request, int start, int end) {
    byte[] path = request.path();
    SegmentNode node = prefixes;
    int at = start;
    while (at < end && path[at] == '/') {
      int segmentEnd = Segments.end(path, at + 1, end);
      SegmentNode next = node.literal(path, at + 1, segmentEnd);
      if (next == null) {
        break;
      }
      node = next;
      at = segmentEnd;
    }
    for (; node != null; node = node.parent()) {
      int rank = node.rules == null ? ConditionTree.NOTHING : node.rules.match(request);
      if (rank != ConditionTree.NOTHING) {
        return rank;
      }
    }
    return ConditionTree.NOTHING;
  }

  /// What this takes beside the rules, about.
  int bytes() {
    return bytes;
  }

  int worstVisits() {
    int worst = 0;
    for (SegmentNode root : templates) {
      worst = Math.max(worst, root.worstVisits());
    }
    return exactVisits + worst + prefixes.worstVisits();
  }
}
