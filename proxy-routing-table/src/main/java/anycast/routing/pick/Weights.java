package anycast.routing.pick;

import java.util.Arrays;

/// The weights of a level whose members do not all weigh the same.
///
/// A member is drawn by its share; who it is compared with is drawn among those of the same weight,
/// so that comparing loads moves requests among equals and leaves the shares of unequals alone.
final class Weights {
  /// Sum of the weights before each member, and of all.
  private final long[] before;

  /// Members by weight.
  private final int[] byWeight;

  private final Candidate[] members;

  private Weights(Candidate[] members) {
    this.members = members;
    this.before = new long[members.length + 1];
    long[] keys = new long[members.length];
    for (int i = 0; i < members.length; i++) {
      before[i + 1] = before[i] + members[i].weight();
      keys[i] = (long) members[i].weight() << 32 | i;
    }
    Arrays.sort(keys);
    this.byWeight = new int[members.length];
    Arrays.setAll(byWeight, i -> (int) keys[i]);
  }

  /// Null where all weigh the same.
  static Weights of(Candidate[] members) {
    for (Candidate member : members) {
      if (member.weight() != members[0].weight()) {
        return new Weights(members);
      }
    }
    return null;
  }

  long before(int index) {
    return before[index];
  }

  long all() {
    return before[before.length - 1];
  }

  /// The member whose share this number is in.
  int at(long number) {
    int low = 0;
    int high = members.length - 1;
    while (low < high) {
      int middle = low + high >>> 1;
      if (before[middle + 1] <= number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// How many weigh less than this.
  int lighter(int weight) {
    int low = 0;
    int high = byWeight.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (members[byWeight[middle]].weight() < weight) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// The member at this place by weight.
  int byWeight(int place) {
    return byWeight[place];
  }
}
