package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import anycast.routing.table.RoutingTable;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes back what is in force and fails at requests, where it is new. What has proven itself goes
/// only when it failed at all requests and there is a version before it to go back to: else it may
/// be the request that is new, and whoever sends it three times would have a tenant's rules away.
///
/// **Threading.** The writer's.
///
/// @param read makes a version from the journal whole
record Retraction(
    Ledger ledger,
    RoutingTable table,
    KeptOut kept,
    Out out,
    Function<Entity, Optional<Entity>> read) {
  private static final Logger LOG = LoggerFactory.getLogger(Retraction.class);

  /// Puts into quarantine.
  interface Out {
    void put(Entity entity, Entity before, Stage stage, Harm harm, Moment now);
  }

  /// @param turn counts changes
  /// @return what is to be put in force in its place: the version before, or its removal
  Optional<Item> of(RuleFaults.Accused accused, long turn, Moment now) {
    ContentHash hash = accused.hash();
    Harm harm = Harm.of(accused);
    Entity guilty = ledger.key(hash).map(table.current()::find).orElse(null);
    boolean inForce = guilty != null && ContentHash.of(guilty).equals(hash);
    boolean may = ledger.isUnproven(hash) || accused.always() && ledger.previous(hash).isPresent();
    if (!inForce || !may) {
      if (!inForce && ledger.quarantineGone(hash, Stage.RULE, harm.reason(), harm.detail(), now)) {
        LOG.warn("{} is gone already, and stays out if it comes back: {}", hash, harm.reason());
      } else {
        LOG.warn("{} stays in force, as it is not new: {}", hash, harm.reason());
      }
      return Optional.empty();
    }
    out.put(guilty, null, Stage.RULE, harm, now);
    kept.put(guilty, hash, KeptOut.Why.LEDGER, turn, now.millis());
    Change.Remove gone = new Change.Remove(guilty.key());
    return Optional.of(
        ledger
            .previous(hash)
            .flatMap(read)
            .map(before ->
                new Item(-1, turn, new Change.Put(before), true, ContentHash.of(before), guilty))
            .orElseGet(() -> new Item(-1, turn, gone, false, ContentHash.NONE, guilty)));
  }
}
