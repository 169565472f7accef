package anycast.routing.admission;

import anycast.routing.feed.RowCodec;
import anycast.routing.feed.RowName;
import anycast.routing.model.Entity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What the feeds say and readers do not see, by key.
///
/// **Threading.** The writer's; [#find] and [#held] are for any thread. **Limits.** One entity a
/// key, which the feeds hold as well.
final class KeptOut {
  /// Why it is not in force.
  enum Why {
    /// The ledger has it, and gives it out when its turn has come.
    LEDGER,
    /// Its document was not read.
    UNREAD,
    /// No compiler is left that may be risked.
    COMPILER,
    /// Another part of what came with it is tried.
    PART
  }

  private record Kept(Entity entity, ContentHash hash, Why why, long turn, long sinceMillis) {}

  private final Map<Entity.Key, Kept> kept = new ConcurrentHashMap<>();

  /// @param turn counts changes
  /// @param millis wall clock; what is out already is so since then
  void put(Entity entity, ContentHash hash, Why why, long turn, long millis) {
    kept.compute(
        entity.key(),
        (_, was) -> {
          boolean same = was != null && was.hash.equals(hash) && was.why == why;
          return new Kept(entity, hash, why, turn, same ? was.sinceMillis : millis);
        });
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
  List<Entity> all(Why why, Predicate<ContentHash> which) {
    List<Entity> all = new ArrayList<>();
    for (Kept one : kept.values()) {
      if (one.why == why && which.test(one.hash)) {
        all.add(one.entity);
      }
    }
    return all;
  }

  /// What waits and the ledger does not have: its part is not tried yet, or no compiler may be
  /// risked, read or not. The oldest first, [Ledger#SHOWN] at most.
  ///
  /// @param quarantined what is unread because it did harm
  List<HeldEntry> held(Predicate<ContentHash> quarantined) {
    return waiting(quarantined)
        .sorted(Comparator.comparingLong(Kept::sinceMillis))
        .limit(Ledger.SHOWN)
        .map(one ->
            new HeldEntry(
                one.hash,
                RowCodec.table(one.entity.key()).label(),
                RowName.of(one.entity.key()),
                one.why == Why.PART ? Verdict.Why.PART : Verdict.Why.COMPILER,
                one.sinceMillis,
                0,
                ""))
        .toList();
  }

  /// How many wait so in all.
  int heldCount(Predicate<ContentHash> quarantined) {
    return Math.toIntExact(waiting(quarantined).count());
  }

  private Stream<Kept> waiting(Predicate<ContentHash> quarantined) {
    return kept.values().stream()
        .filter(one ->
            switch (one.why) {
              case LEDGER -> false;
              case UNREAD -> !quarantined.test(one.hash);
              case COMPILER, PART -> true;
            });
  }

  Optional<Entity> find(ContentHash hash) {
    return kept.values().stream()
        .filter(one -> one.hash.equals(hash))
        .map(Kept::entity)
        .findFirst();
  }
}
