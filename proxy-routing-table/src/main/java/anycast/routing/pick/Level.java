package anycast.routing.pick;

import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Instance;
import java.util.Arrays;
import java.util.function.Predicate;

/// Candidates that are about equally near, ready to be chosen from.
///
/// **Threading.** Immutable; the names' hashes are made by the first that needs them, by several at
/// once perhaps, all the same.
final class Level {
  private static final Candidate[] NOBODY = {};

  /// A [Band], or [Band#COUNT] and more for those of weight 0.
  final int degree;

  /// By node, then by id.
  final Candidate[] members;

  /// Round trip, on average of the members' nodes; an estimate where none is measured.
  final long wayNanos;

  /// Null where all weigh the same.
  final Weights weights;

  /// Only some of those in this band, by the service's policy.
  final boolean subset;

  /// One bit a member: ejected. Null where nobody is.
  private final long[] out;

  private volatile long[] hashes;

  private Level(
      int degree, Candidate[] members, long wayNanos, boolean subset, Weights weights, long[] out) {
    this.degree = degree;
    this.members = members;
    this.wayNanos = wayNanos;
    this.subset = subset;
    this.weights = weights;
    this.out = out;
  }

  static Level of(int degree, Candidate[] members, long wayNanos, boolean subset) {
    return new Level(degree, members, wayNanos, subset, Weights.of(members), null);
  }

  boolean ejected(int index) {
    return out != null && (out[index >> 6] & 1L << index) != 0;
  }

  boolean anyEjected() {
    return out != null;
  }

  /// @param bits one a member; null = nobody
  Level ejecting(long[] bits) {
    return new Level(degree, members, wayNanos, subset, weights, bits);
  }

  /// Those that pass; null where nobody does.
  Level only(Predicate<Instance> filter) {
    Candidate[] kept = new Candidate[members.length];
    long[] bits = new long[members.length + 63 >> 6];
    int count = 0;
    for (int i = 0; i < members.length; i++) {
      if (filter.test(members[i].instance())) {
        if (ejected(i)) {
          bits[count >> 6] |= 1L << count;
        }
        kept[count++] = members[i];
      }
    }
    if (count == 0) {
      return null;
    }
    return of(degree, Arrays.copyOf(kept, count), wayNanos, subset)
        .ejecting(out == null ? null : bits);
  }

  /// The next version: this one new, or in place of its former version. Who is ejected is found
  /// anew.
  Level with(Candidate candidate) {
    Candidate[] next = inserted(members, candidate);
    boolean even = weights == null && candidate.weight() == members[0].weight();
    return new Level(degree, next, wayNanos, subset, even ? null : Weights.of(next), null);
  }

  /// The next version without it; null where nobody is left.
  Level without(InstanceKey key) {
    Candidate[] next = removed(members, key);
    if (next == members || next.length == 0) {
      return next == members ? this : null;
    }
    Weights now = weights == null ? null : Weights.of(next);
    return new Level(degree, next, wayNanos, subset, now, null);
  }

  /// Whether somebody on the instance's node is here.
  boolean hasNodeOf(Instance instance) {
    int at = place(members, instance.key());
    int after = at >= 0 ? at : -at - 1;
    return at >= 0
        || after > 0 && members[after - 1].instance().node().equals(instance.node())
        || after < members.length && members[after].instance().node().equals(instance.node());
  }

  /// Hashes of the instances' ids.
  long[] hashes() {
    long[] known = hashes;
    if (known == null) {
      known = new long[members.length];
      for (int i = 0; i < members.length; i++) {
        known[i] = Mixing.of(members[i].instance().id().value());
      }
      hashes = known;
    }
    return known;
  }

  static Candidate[] removed(Candidate[] from, InstanceKey key) {
    int at = place(from, key);
    if (at < 0) {
      return from;
    }
    if (from.length == 1) {
      return NOBODY;
    }
    Candidate[] next = Arrays.copyOf(from, from.length - 1);
    System.arraycopy(from, at + 1, next, at, next.length - at);
    return next;
  }

  static Candidate[] inserted(Candidate[] into, Candidate candidate) {
    int at = place(into, candidate.instance().key());
    if (at >= 0) {
      Candidate[] next = into.clone();
      next[at] = candidate;
      return next;
    }
    Candidate[] next = Arrays.copyOf(into, into.length + 1);
    System.arraycopy(into, -at - 1, next, -at, into.length + at + 1);
    next[-at - 1] = candidate;
    return next;
  }

  /// Where it is, or where it would be as in [Arrays#binarySearch].
  static int place(Candidate[] in, InstanceKey key) {
    int low = 0;
    int high = in.length - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      Instance there = in[middle].instance();
      int order = there.node().value().compareTo(key.node().value());
      if (order == 0) {
        order = there.id().value().compareTo(key.instance().value());
      }
      if (order == 0) {
        return middle;
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return -low - 1;
  }
}
