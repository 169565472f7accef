package anycast.routing.table;

import anycast.routing.model.Instance;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/// The next rows of one instance id in the making. The writer's.
///
/// Nearly all ids have one row, and a first snapshot drafts a million of them at once, so the tree
/// is made for the second row only.
final class InstanceDraft {
  final List<Candidate> before;
  private Instance only;

  /// By the node's name; null while there is one row at most.
  private TreeMap<String, Instance> many;

  /// @param before what the base has, by node
  InstanceDraft(List<Candidate> before) {
    this.before = before;
    before.forEach(row -> put(row.instance()));
  }

  /// What the base has on a node, or null.
  Candidate before(NodeId node) {
    return InstanceRows.on(before, node);
  }

  /// What `settled` makes of each row, by node; immutable.
  List<Candidate> rows(Function<Instance, Candidate> settled) {
    if (many != null) {
      return many.values().stream().map(settled).toList();
    }
    return only == null ? List.of() : List.of(settled.apply(only));
  }

  /// What is on a node now, or null.
  Instance row(NodeId node) {
    if (many != null) {
      return many.get(node.value());
    }
    return only != null && only.node().equals(node) ? only : null;
  }

  /// @return whether it differs from what was known
  boolean put(Instance instance) {
    if (many == null && only != null && !only.node().equals(instance.node())) {
      many = new TreeMap<>();
      many.put(only.node().value(), only);
    }
    if (many != null) {
      return !instance.equals(many.put(instance.node().value(), instance));
    }
    boolean differs = !instance.equals(only);
    only = instance;
    return differs;
  }

  /// @return whether it was known
  boolean remove(NodeId node) {
    if (many != null) {
      return many.remove(node.value()) != null;
    }
    boolean known = row(node) != null;
    only = known ? null : only;
    return known;
  }
}
