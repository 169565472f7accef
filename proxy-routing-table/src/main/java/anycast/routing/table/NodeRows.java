package anycast.routing.table;

import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.pick.NodePath;
import java.util.Comparator;

/// A node and who stands on it.
///
/// @param node null where only instances speak of it
/// @param path the same in all versions as long as somebody speaks of the node; null in [#UNKNOWN]
/// @param members in an order that only makes them easy to find
record NodeRows(Node node, NodePath path, Roster<InstanceId> members) {
  /// Strings keep their hash, so most comparisons read no text. Among a million instances texts are
  /// not in any cache: by text alone, a third of the time of a first snapshot went into this order.
  private static final Comparator<InstanceId> BY_HASH =
      (one, other) -> {
        int order = Integer.compare(one.value().hashCode(), other.value().hashCode());
        return order != 0 ? order : one.value().compareTo(other.value());
      };

  static final NodeRows UNKNOWN = new NodeRows(null, null, Roster.empty(BY_HASH));
}
