package anycast.routing.table;

import java.util.List;

/// Changes that become visible together.
///
/// @param changes in order; a later one of the same key wins
public record Delta(List<Change> changes) {
  public Delta {
    changes = List.copyOf(changes);
  }
}
