package anycast.routing.pick;

import java.util.Arrays;

/// The part of a large level that one edge uses, so that it keeps few links and sees each instance
/// often enough to know it.
///
/// The members stand on a ring in the order of their ids' hashes; an edge takes `size` of them from
/// its place on. Edges of a region have places at equal distances ([Peers]), so that each member is
/// used by as many of them as the next one, give or take one. A member more or less moves each part
/// by one, the part that reaches over the ring's end by two at most; an edge more by no more than
/// the distance of two.
final class Subset {
  private Subset() {}

  /// @param members more than `size`
  /// @param place of the edge, in [0, 1)
  /// @return in the members' order
  static Candidate[] of(Candidate[] members, int size, double place) {
    int count = members.length;
    Hashed[] ring = new Hashed[count];
    for (int i = 0; i < count; i++) {
      ring[i] = new Hashed(Mixing.of(members[i].instance().id().value()), i);
    }
    Arrays.sort(ring);
    int first = (int) (place * count);
    int[] taken = new int[size];
    for (int i = 0; i < size; i++) {
      taken[i] = ring[(first + i) % count].index;
    }
    Arrays.sort(taken);
    Candidate[] part = new Candidate[size];
    Arrays.setAll(part, i -> members[taken[i]]);
    return part;
  }

  private record Hashed(long hash, int index) implements Comparable<Hashed> {
    @Override
    public int compareTo(Hashed other) {
      int order = Long.compare(hash, other.hash);
      return order != 0 ? order : Integer.compare(index, other.index);
    }
  }
}
