package anycast.routing.table;

import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import java.util.ArrayList;
import java.util.List;

/// The next version of one node in the making. The writer's.
final class NodeDraft {
  final NodeRows base;
  Node node;

  // Each id once in one of both: an instance is settled once a delta.
  private final List<InstanceId> joined = new ArrayList<>(0);
  private final List<InstanceId> left = new ArrayList<>(0);

  NodeDraft(NodeRows base) {
    this.base = base;
    this.node = base.node();
  }

  void join(InstanceId id) {
    joined.add(id);
  }

  void leave(InstanceId id) {
    left.add(id);
  }

  NodeRows freeze() {
    return new NodeRows(node, base.members().with(joined, left));
  }
}
