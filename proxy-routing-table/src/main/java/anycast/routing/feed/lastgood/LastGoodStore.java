package anycast.routing.feed.lastgood;

import anycast.routing.model.Entity;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/// The last two tables that served, as files that are whole or are not used.
///
/// ```
///  save:  create N.part ─► blocks ─► sync ─► rename to N.good ─► sync directory ─► remove N-2
///  load:  newest N.good ─► verify all ─► hand out        damaged? ─► the one before it
/// ```
///
/// A crash at any of these steps leaves the generation before readable: it is removed only after
/// its successor's successor is durable.
///
/// **Threading.** One thread at a time. **Ownership.** One store a directory. **Limits.** Buffers
/// of one block while saving; while loading the entities themselves. **Faults.** Values: neither
/// method throws for what a disk does.
public final class LastGoodStore {
  private static final String WHOLE = ".good";
  private static final String PARTIAL = ".part";
  private static final String PREFIX = "table-";

  /// All that a `long` may have, so that names sort as generations do.
  private static final int GENERATION_DIGITS = 19;

  /// Generations that stay.
  private static final int KEPT = 2;

  private final Disk disk;

  /// Found damaged by [#load]: not worth keeping.
  private final Set<Long> damaged = new HashSet<>();

  public LastGoodStore(Disk disk) {
    this.disk = disk;
  }

  /// Anything that can tell all its entities, each once.
  @FunctionalInterface
  public interface Entities {
    void each(Consumer<Entity> to);
  }

  /// Saves a new generation and removes those that are too old.
  ///
  /// @param version of the snapshot, to be shown
  /// @param asOfMillis wall clock at which a source vouched for it
  public SaveResult save(Entities entities, long version, long asOfMillis) {
    return new SaveResult.NotSaved("not yet");
  }

  /// Reads the newest generation that is whole.
  public LastGood load() {
    return new LastGood.None();
  }
}
