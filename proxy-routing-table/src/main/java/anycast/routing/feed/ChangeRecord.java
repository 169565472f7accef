package anycast.routing.feed;

import anycast.routing.model.Entity;

/// One change that was put in force.
///
/// @param atMillis wall clock when it was published
/// @param version of the snapshot that was the first to have it
/// @param before null where there was none; not both are null
/// @param after null where it went
public record ChangeRecord(long atMillis, long version, Cause cause, Entity before, Entity after) {
  /// What changed, in both versions the same thing.
  public Entity.Key key() {
    return after == null ? before.key() : after.key();
  }
}
