package anycast.routing.admission;

import anycast.routing.model.Entity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What the feeds say and readers do not see, by key.
///
/// **Threading.** The writer's; [#find] is for any thread. **Limits.** One entity a key, which the
/// feeds hold as well.
final class KeptOut {
  /// Why it is not in force.
  enum Why {
    /// The ledger has it, and gives it out when its turn has come.
    LEDGER,
    /// Its document was not read.
    UNREAD,
    /// No compiler is left that may be risked.
    COMPILER
  }

  private record Kept(Entity entity, ContentHash hash, Why why, long turn) {}

  private final Map<Entity.Key, Kept> kept = new ConcurrentHashMap<>();

  /// @param turn counts changes
  void put(Entity entity, ContentHash hash, Why why, long turn) {
    kept.put(entity.key(), new Kept(entity, hash, why, turn));
  }

  /// A change of this key is in force; a later one may be kept out all the same.
  void passed(Entity.Key key, long turn) {
    if (!kept.isEmpty()) {
      kept.computeIfPresent(key, (_, one) -> one.turn <= turn ? null : one);
    }
  }

  boolean has(Entity.Key key) {
    return !kept.isEmpty() && kept.containsKey(key);
  }

  /// All that are out for this reason; they stay here until they are in force.
  List<Entity> all(Why why) {
    List<Entity> all = new ArrayList<>();
    for (Kept one : kept.values()) {
      if (one.why == why) {
        all.add(one.entity);
      }
    }
    return all;
  }

  Optional<Entity> find(ContentHash hash) {
    return kept.values().stream()
        .filter(one -> one.hash.equals(hash))
        .map(Kept::entity)
        .findFirst();
  }
}
