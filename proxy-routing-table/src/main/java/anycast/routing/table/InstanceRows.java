package anycast.routing.table;

import anycast.routing.model.Instance;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import java.util.List;

/// The rows of one instance id: one, or two while it moves between nodes.
///
/// @param best the started row of the highest generation, else the one of the highest generation
/// @param rows by node
record InstanceRows(Candidate best, List<Candidate> rows) {
  /// @param rows by node, at least one
  static InstanceRows of(List<Candidate> rows) {
    Candidate best = rows.getFirst();
    for (Candidate row : rows) {
      best = better(row.instance(), best.instance()) ? row : best;
    }
    return new InstanceRows(best, List.copyOf(rows));
  }

  /// The row that a node published, or null.
  Candidate on(NodeId node) {
    return on(rows, node);
  }

  /// The row of a node among rows by node, or null. Halves, because nothing but custom bounds how
  /// many nodes claim one id.
  static Candidate on(List<Candidate> rows, NodeId node) {
    int low = 0;
    int high = rows.size() - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      Candidate row = rows.get(middle);
      int order = row.instance().node().value().compareTo(node.value());
      if (order == 0) {
        return row;
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return null;
  }

  private static boolean better(Instance one, Instance other) {
    boolean started = one.state() == Instance.State.STARTED;
    if (started != (other.state() == Instance.State.STARTED)) {
      return started;
    }
    return one.generation() > other.generation();
  }
}
