package anycast.routing.table;

import anycast.routing.model.Instance;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import java.util.List;
import java.util.TreeMap;

/// The next rows of one instance id in the making. The writer's.
final class InstanceDraft {
  final List<Candidate> before;

  /// By the node's name.
  final TreeMap<String, Instance> rows = new TreeMap<>();

  InstanceDraft(List<Candidate> before) {
    this.before = before;
    before.forEach(row -> rows.put(row.instance().node().value(), row.instance()));
  }

  /// What the base has on a node, or null.
  Candidate before(NodeId node) {
    for (Candidate row : before) {
      if (row.instance().node().equals(node)) {
        return row;
      }
    }
    return null;
  }

  /// @return whether it differs from what was known
  boolean put(Instance instance) {
    return !instance.equals(rows.put(instance.node().value(), instance));
  }

  /// @return whether it was known
  boolean remove(NodeId node) {
    return rows.remove(node.value()) != null;
  }
}
