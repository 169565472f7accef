package anycast.routing.sim;

/// What is broken on purpose, to see that the world notices.
enum Breakage {
  NONE,
  /// The consumer swallows one change in thirty, and counts on as if it had told it.
  SWALLOWED_CHANGE,
  /// As before, but the positions that the core gets show the gap: it has to help itself, and does.
  GAP_BEFORE_CORE,
  /// Deletes do not reach the core.
  SWALLOWED_DELETE,
  /// Last-good is written in place, without a checksum, and believed as it is read.
  TORN_FILE_PASSES,
  /// A snapshot may empty the table at once.
  NO_GUARD,
  /// Each change is answered with a wish for a whole snapshot.
  SNAPSHOT_FOR_EACH_CHANGE
}
