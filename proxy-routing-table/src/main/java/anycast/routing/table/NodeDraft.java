package anycast.routing.table;

import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.pick.NodePath;
import java.util.ArrayList;
import java.util.List;

/// The next version of one node in the making. The writer's.
final class NodeDraft {
  final NodeRows base;
  final NodePath path;
  Node node;

  // Each id once in one of both: an instance is settled once a delta.
  private final List<InstanceId> joined = new ArrayList<>(0);
  private final List<InstanceId> left = new ArrayList<>(0);

  NodeDraft(NodeRows base) {
    this.base = base;
    this.path = base.path() == null ? new NodePath() : base.path();
    this.node = base.node();
  }

  void join(InstanceId id) {
    joined.add(id);
  }

  void leave(InstanceId id) {
    left.add(id);
  }

  NodeRows freeze() {
    return new NodeRows(node, path, base.members().with(joined, left));
  }
}
