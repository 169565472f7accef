package anycast.routing.admission;

import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// Makes the next snapshot and asks it. What it works on is noted entry by entry: where the process
/// dies of it, the next one reads the name of the entry that did it.
///
/// **Threading.** Made by the writer, performed once by the compiler; [#stage] and [#at] are for
/// any thread.
final class Attempt implements Callable<RoutingSnapshot> {
  private final SnapshotBuilder builder;
  private final FlightNotes notes;
  private final RoutingSnapshot base;
  private final List<Change> changes;
  private final List<Change> asked;
  private final RecordedHosts recorded;

  /// Of those that are worth a name.
  private final Map<Entity, ContentHash> named = new IdentityHashMap<>();

  private volatile Stage stage = Stage.COMPILE;
  private volatile Entity at;

  Attempt(
      SnapshotBuilder builder,
      FlightNotes notes,
      RoutingSnapshot base,
      List<Item> items,
      RecordedHosts recorded) {
    this.builder = builder;
    this.notes = notes;
    this.base = base;
    this.changes = items.stream().map(Item::change).toList();
    this.asked =
        items.stream()
            .filter(item -> item.risky() || item.takesARoute())
            .map(Item::change)
            .toList();
    this.recorded = recorded;
    for (Item item : items) {
      if (item.risky() && item.change() instanceof Change.Put(Entity entity)) {
        named.put(entity, item.hash());
      }
    }
  }

  /// How far it came.
  Stage stage() {
    return stage;
  }

  /// The risky entry that it is at or was at last; null = none yet.
  Entity at() {
    return at;
  }

  @Override
  public RoutingSnapshot call() {
    RoutingSnapshot next = builder.apply(base, new Delta(changes), this::working);
    if (!asked.isEmpty() && next != base) {
      stage = Stage.REHEARSE;
      Rehearsal.run(base, next, asked, recorded.of(base), this::working);
    }
    return next;
  }

  private void working(Entity entity) {
    ContentHash hash = named.get(entity);
    if (hash != null) {
      at = entity;
      notes.on(hash, stage);
    }
  }
}
