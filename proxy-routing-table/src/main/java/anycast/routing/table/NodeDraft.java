package anycast.routing.table;

import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import java.util.LinkedHashSet;
import java.util.Set;

/// The next version of one node in the making. The writer's.
final class NodeDraft {
  final NodeRows base;
  Node node;
  private final Set<InstanceId> joined = new LinkedHashSet<>();
  private final Set<InstanceId> left = new LinkedHashSet<>();

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
