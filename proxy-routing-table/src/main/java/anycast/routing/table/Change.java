package anycast.routing.table;

import anycast.routing.model.Entity;

/// One entity that came, changed or went.
public sealed interface Change {
  /// The entity as it is now, whole.
  record Put(Entity entity) implements Change {}

  /// No entity has this key any more.
  record Remove(Entity.Key key) implements Change {}
}
