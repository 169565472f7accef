package anycast.routing.table;

import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import java.util.Comparator;

/// A node and who stands on it.
///
/// @param node null where only instances speak of it
record NodeRows(Node node, Roster<InstanceId> members) {
  static final NodeRows UNKNOWN =
      new NodeRows(null, Roster.empty(Comparator.comparing(InstanceId::value)));
}
