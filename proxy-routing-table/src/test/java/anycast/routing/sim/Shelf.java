package anycast.routing.sim;

import anycast.routing.feed.lastgood.LastGood;
import anycast.routing.feed.lastgood.LastGoodStore;
import anycast.routing.feed.lastgood.SaveResult;
import anycast.routing.model.Entity;
import anycast.routing.table.RoutingSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Last-good on a simulated disk, and what it may give back.
///
/// Outlives the edge's process: it stands for the machine.
final class Shelf {
  private final World world;
  private final SimDisk disk;
  private final NaiveFile naive;
  private final Map<Long, RoutingSnapshot> attempts = new HashMap<>();
  private LastGoodStore store;
  private long lastAcknowledged = -1;
  private long clock;

  Shelf(World world) {
    this.world = world;
    this.disk = new SimDisk(world.chance.split(), world.weather.kinds().diskSyncsLie());
    this.store = new LastGoodStore(disk);
    this.naive = new NaiveFile(disk);
  }

  SimDisk disk() {
    return disk;
  }

  /// Whether a table is there, whatever comes.
  boolean promises() {
    return lastAcknowledged >= 0 && !world.weather.kinds().diskSyncsLie();
  }

  /// @throws SimDisk.PowerLoss where the power goes meanwhile
  void save(RoutingSnapshot snapshot) {
    long asOf = ++clock;
    attempts.put(asOf, snapshot);
    SaveResult result =
        world.breakage == Breakage.TORN_FILE_PASSES
            ? naive.save(snapshot, asOf)
            : store.save(snapshot::eachEntity, snapshot.version(), asOf);
    if (result instanceof SaveResult.Saved) {
      lastAcknowledged = asOf;
    }
    world.story.tell(() -> "last-good " + asOf + ": " + result);
  }

  /// As a new process finds it.
  ///
  /// @return what is to be put in force; empty where there is nothing
  List<Entity> load() {
    store = new LastGoodStore(disk);
    LastGood found = world.breakage == Breakage.TORN_FILE_PASSES ? naive.load() : store.load();
    world.story.tell(() -> "last-good gives " + words(found));
    return switch (found) {
      case LastGood.Loaded loaded -> {
        check(loaded);
        yield loaded.entities();
      }
      case LastGood.None _, LastGood.Damaged _ -> {
        world.demand(
            !promises(), Promise.LAST_GOOD, () -> "saved " + lastAcknowledged + ", " + found);
        yield List.of();
      }
    };
  }

  private static String words(LastGood found) {
    return switch (found) {
      case LastGood.Loaded l ->
          l.entities().size() + " of " + l.asOfMillis() + ", " + l.which() + " " + l.problems();
      case LastGood.None none -> none.toString();
      case LastGood.Damaged damaged -> damaged.toString();
    };
  }

  private void check(LastGood.Loaded loaded) {
    RoutingSnapshot saved = attempts.get(loaded.asOfMillis());
    world.demand(saved != null, Promise.LAST_GOOD, () -> "never saved: " + loaded.asOfMillis());
    int[] count = new int[1];
    saved.eachEntity(_ -> count[0]++);
    world.demand(
        count[0] == loaded.entities().size(),
        Promise.LAST_GOOD,
        () -> "saved " + count[0] + " entities, loaded " + loaded.entities().size());
    for (Entity entity : loaded.entities()) {
      world.demand(
          entity.equals(saved.find(entity.key())),
          Promise.LAST_GOOD,
          () -> "loaded " + entity + ", saved " + saved.find(entity.key()));
    }
    boolean mayBeOlder = world.weather.kinds().diskSyncsLie();
    world.demand(
        mayBeOlder || loaded.asOfMillis() >= lastAcknowledged,
        Promise.LAST_GOOD,
        () -> "acknowledged " + lastAcknowledged + ", loaded " + loaded.asOfMillis());
  }
}
