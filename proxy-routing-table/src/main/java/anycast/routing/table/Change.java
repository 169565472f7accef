package anycast.routing.table;

import anycast.routing.model.Entity;

/// One entity that came, changed or went.
public sealed interface Change {
  /// Whom it is about.
  Entity.Key key();

  /// The entity as it is now, whole.
  record Put(Entity entity) implements Change {
    @Override
    public Entity.Key key() {
      return entity.key();
    }
  }

  /// No entity has this key any more.
  record Remove(Entity.Key key) implements Change {}
}
