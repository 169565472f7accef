package anycast.routing.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A sorted set in one array: who belongs to an app or stands on a node. Immutable.
final class Roster<T> {
  private final List<T> members;
  private final Comparator<? super T> order;

  private Roster(List<T> members, Comparator<? super T> order) {
    this.members = members;
    this.order = order;
  }

  static <T> Roster<T> empty(Comparator<? super T> order) {
    return new Roster<>(List.of(), order);
  }

  /// @param members in this order, each once; never to change again
  static <T> Roster<T> of(List<T> members, Comparator<? super T> order) {
    return new Roster<>(members, order);
  }

  /// In order; not to be changed.
  List<T> members() {
    return members;
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  /// This set with some more and some fewer, merged in one pass; what is in both goes.
  ///
  /// @param more each once
  Roster<T> with(List<T> more, List<T> fewer) {
    if (more.isEmpty() && fewer.isEmpty()) {
      return this;
    }
    List<T> come = sorted(more);
    if (members.isEmpty() && fewer.isEmpty()) {
      return new Roster<>(List.copyOf(come), order);
    }
    List<T> gone = sorted(fewer);
    ArrayList<T> next = new ArrayList<>(members.size() + come.size());
    int comes = 0;
    int goes = 0;
    for (int i = 0; i < members.size() || comes < come.size(); ) {
      int side =
          i == members.size()
              ? 1
              : comes == come.size() ? -1 : order.compare(members.get(i), come.get(comes));
      T one = side > 0 ? come.get(comes) : members.get(i);
      i += side <= 0 ? 1 : 0;
      comes += side >= 0 ? 1 : 0;
      while (goes < gone.size() && order.compare(gone.get(goes), one) < 0) {
        goes++;
      }
      if (goes == gone.size() || order.compare(gone.get(goes), one) != 0) {
        next.add(one);
      }
    }
    next.trimToSize();
    return new Roster<>(next, order);
  }

  private List<T> sorted(List<T> some) {
    if (some.size() < 2) {
      return some;
    }
    List<T> sorted = new ArrayList<>(some);
    sorted.sort(order);
    return sorted;
  }
}
