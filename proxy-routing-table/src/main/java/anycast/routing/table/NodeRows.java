package anycast.routing.table;

import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import java.util.Comparator;

/// A node and who stands on it.
///
/// @param node null where only instances speak of it
record NodeRows(Node node, Roster<InstanceId> members) {
  /// By hash: nobody reads this order, it only has to be the same everywhere, and a hash is
  /// compared without a look at the text. Ids apart by hash were a third of building a million
  /// instances.
  private static final Comparator<InstanceId> ORDER =
      (one, other) -> {
        int byHash = Integer.compare(one.value().hashCode(), other.value().hashCode());
        return byHash != 0 ? byHash : one.value().compareTo(other.value());
      };

  static final NodeRows UNKNOWN = new NodeRows(null, Roster.empty(ORDER));
}
