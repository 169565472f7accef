package anycast.routing.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/// A sorted set in one array: who belongs to an app or stands on a node. Immutable.
final class Roster<T> {
  /// Up to here each change copies the array; beyond, the set is sorted anew.
  private static final int FEW = 4;

  private final List<T> members;
  private final Comparator<? super T> order;

  private Roster(List<T> members, Comparator<? super T> order) {
    this.members = members;
    this.order = order;
  }

  static <T> Roster<T> empty(Comparator<? super T> order) {
    return new Roster<>(List.of(), order);
  }

  /// In order; not to be changed.
  List<T> members() {
    return members;
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  /// This set with some more and some fewer; what is in both goes.
  Roster<T> with(Collection<T> more, Collection<T> fewer) {
    if (more.isEmpty() && fewer.isEmpty()) {
      return this;
    }
    if (more.size() + fewer.size() > FEW) {
      TreeSet<T> all = new TreeSet<>(order);
      all.addAll(members);
      all.addAll(more);
      fewer.forEach(all::remove);
      return new Roster<>(new ArrayList<>(all), order);
    }
    List<T> next = new ArrayList<>(members.size() + more.size());
    next.addAll(members);
    for (T one : more) {
      int at = Collections.binarySearch(next, one, order);
      if (at < 0) {
        next.add(-at - 1, one);
      }
    }
    for (T one : fewer) {
      int at = Collections.binarySearch(next, one, order);
      if (at >= 0) {
        next.remove(at);
      }
    }
    return new Roster<>(next, order);
  }
}
