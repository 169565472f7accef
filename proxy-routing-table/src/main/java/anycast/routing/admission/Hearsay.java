package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.feed.RejectPace;
import anycast.routing.model.NodeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// What other instances say that they keep out. Anybody may write such rows: what is said under the
/// name of a node that state does not know holds nothing, and takes no room that a known one wants.
///
/// Whether a node is known is asked when it matters: rows of nodes may come after those of rejects.
///
/// **Threading.** Its owner's. **Limits.** [#MAX_OF_NODE] entries a node, [#MAX_ALL] in all; a word
/// costs some 200 bytes.
final class Hearsay {
  /// As many as a node that is what it should be tells.
  static final int MAX_OF_NODE = RejectPace.MAX_ROWS;

  /// All that 256 nodes may say.
  static final int MAX_ALL = 65_536;

  private final Duration believed;

  /// By node, when it said so of which entry, the oldest word first; none is empty.
  private final Map<NodeId, LinkedHashMap<ContentHash, Long>> words = new LinkedHashMap<>();

  /// Who speaks of an entry; none is empty.
  private final Map<ContentHash, Set<NodeId>> speakers = new HashMap<>();

  private Predicate<NodeId> known = _ -> true;
  private int count;

  /// @param believed for how long a word is
  Hearsay(Duration believed) {
    this.believed = believed;
  }

  /// @param nodes which ones state knows
  void believe(Predicate<NodeId> nodes) {
    known = nodes;
  }

  /// A node keeps an entry out.
  void on(ContentHash hash, NodeId from, Moment now) {
    if (count >= MAX_ALL && !known.test(from)) {
      return;
    }
    LinkedHashMap<ContentHash, Long> of = words.computeIfAbsent(from, _ -> new LinkedHashMap<>());
    if (of.putLast(hash, now.nanos()) == null) {
      speakers.computeIfAbsent(hash, _ -> new LinkedHashSet<>()).add(from);
      count++;
    }
    if (of.size() > MAX_OF_NODE) {
      withdraw(of.firstEntry().getKey(), from);
    }
    if (count > MAX_ALL) {
      makeRoom();
    }
  }

  /// A node that nobody knows loses all its words, or the one that spoke first its oldest one.
  private void makeRoom() {
    NodeId loses =
        words.keySet().stream()
            .filter(known.negate())
            .findFirst()
            .orElseGet(() -> words.keySet().iterator().next());
    if (known.test(loses)) {
      withdraw(words.get(loses).firstEntry().getKey(), loses);
    } else {
      Set.copyOf(words.get(loses).keySet()).forEach(hash -> withdraw(hash, loses));
    }
  }

  /// That node no longer says it.
  void withdraw(ContentHash hash, NodeId from) {
    LinkedHashMap<ContentHash, Long> of = words.get(from);
    if (of == null || of.remove(hash) == null) {
      return;
    }
    count--;
    if (of.isEmpty()) {
      words.remove(from);
    }
    speakers.computeIfPresent(
        hash,
        (_, nodes) -> {
          nodes.remove(from);
          return nodes.isEmpty() ? null : nodes;
        });
  }

  /// Which instance keeps an entry out, in a sentence; empty = none.
  String of(ContentHash hash, Moment now) {
    for (NodeId node : speakers.getOrDefault(hash, Set.of())) {
      long saidNanos = words.get(node).get(hash);
      if (now.nanos() - saidNanos <= believed.toNanos() && known.test(node)) {
        return node + " keeps it out";
      }
    }
    return "";
  }
}
