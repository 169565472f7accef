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
    for (Candidate row : rows) {
      if (row.instance().node().equals(node)) {
        return row;
      }
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
