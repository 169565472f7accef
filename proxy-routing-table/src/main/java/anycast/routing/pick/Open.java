package anycast.routing.pick;

import anycast.routing.model.Instance;
import java.util.List;

/// What of a level may still be chosen: all but the candidates in the plan, or all but their nodes.
/// A node's candidates stand side by side, so both are all but a few ranges.
///
/// **Ownership.** One plan's, used for one level after the other.
final class Open {
  private final int[] from = new int[Picker.MAX_ATTEMPTS];
  private final int[] to = new int[Picker.MAX_ATTEMPTS];
  private Level level;
  private int ranges;

  /// Members.
  int size;

  /// Their weights together; the members where all weigh the same.
  long weight;

  void of(Level level, List<Candidate> plan, boolean otherNode) {
    this.level = level;
    this.ranges = 0;
    this.size = level.members.length;
    this.weight = level.weights == null ? size : level.weights.all();
    for (int i = 0; i < plan.size(); i++) {
      close(level.members, plan.get(i).instance(), otherNode);
    }
  }

  private void close(Candidate[] members, Instance taken, boolean wholeNode) {
    int at = Level.place(members, taken.key());
    if (!wholeNode) {
      if (at >= 0) {
        close(at, at + 1);
      }
      return;
    }
    int start = at >= 0 ? at : -at - 1;
    int end = at >= 0 ? at + 1 : start;
    while (start > 0 && members[start - 1].instance().node().equals(taken.node())) {
      start--;
    }
    while (end < members.length && members[end].instance().node().equals(taken.node())) {
      end++;
    }
    close(start, end);
  }

  /// Ranges are equal or apart, never partly over each other.
  private void close(int start, int end) {
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
    weight -= weight(start, end);
  }

  private long weight(int start, int end) {
    Weights weights = level.weights;
    return weights == null ? end - start : weights.before(end) - weights.before(start);
  }

  boolean has(int index) {
    for (int i = 0; i < ranges; i++) {
      if (index >= from[i] && index < to[i]) {
        return false;
      }
    }
    return true;
  }

  /// The member with this number among the open ones.
  int member(int number) {
    int index = number;
    for (int i = 0; i < ranges && index >= from[i]; i++) {
      index += to[i] - from[i];
    }
    return index;
  }

  /// The member whose share of [#weight] this number is in.
  int drawn(long number) {
    Weights weights = level.weights;
    if (weights == null) {
      return member((int) number);
    }
    long at = number;
    for (int i = 0; i < ranges && at >= weights.before(from[i]); i++) {
      at += weight(from[i], to[i]);
    }
    return weights.at(at);
  }
}
