package anycast.routing.feed;

import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import java.util.List;

/// One change that was put in force.
///
/// @param atMillis wall clock when it was published
/// @param version of the snapshot that was the first to have it
/// @param before null where there was none; not both are null
/// @param after null where it went
public record ChangeRecord(long atMillis, long version, Cause cause, Entity before, Entity after) {
  /// As much as an operator sees of it in a line; the store's history has the whole documents.
  private static final int KEPT_CHARS = 256;

  /// What changed, in both versions the same thing.
  public Entity.Key key() {
    return after == null ? before.key() : after.key();
  }

  /// The same, for keeping: a tenant who writes a document of half a megabyte again and again must
  /// not fill the memory of every proxy with what it once was.
  ChangeRecord brief() {
    Entity was = brief(before);
    Entity is = brief(after);
    return was == before && is == after
        ? this
        : new ChangeRecord(atMillis, version, cause, was, is);
  }

  private static Entity brief(Entity entity) {
    if (!(entity instanceof VirtualService virtual)) {
      return entity;
    }
    String document = virtual.document();
    return new VirtualService(
        virtual.name(),
        document.length() > KEPT_CHARS ? document.substring(0, KEPT_CHARS) + "…" : document,
        virtual.generation(),
        new RuleSet(virtual.rules().hosts(), List.of()));
  }
}
