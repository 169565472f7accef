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

  /// A node keeps an entry out, or does so no longer. Told at once, before the delta of the batch
  /// that it came in; a row that is written again is told again where it differs.
  ///
  /// **Threading.** The caller of [#publish].
  ///
  /// **Faults.** The row is hostile: there may be no such node and no such entry, and there may be
  /// a hundred thousand.
  ///
  /// @param stands false where the row is gone
  default void onReject(Decoded.Reject reject, boolean stands) {}
}
