package anycast.routing.feed;

import anycast.routing.table.Delta;

/// Where deltas go; the seam between following and building.
@FunctionalInterface
public interface Publication {
  /// Puts a delta in force.
  ///
  /// @return the version that readers see from now on
  /// @throws RuntimeException where it cannot be taken: nothing of it is in force then
  long publish(Delta delta);
}
