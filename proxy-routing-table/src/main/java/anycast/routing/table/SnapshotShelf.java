package anycast.routing.table;

import java.util.ArrayList;
import java.util.List;

/// The last published snapshots, for an operator who asks what the table said before.
///
/// **Threading.** One writer offers; any thread reads. The writer makes one small array a version
/// and publishes it by one volatile write; readers never hold it up. **Limits.** See [Bounds].
public final class SnapshotShelf {
  /// A snapshot that is kept.
  ///
  /// @param atMillis when it was published, wall clock
  public record Kept(RoutingSnapshot snapshot, long atMillis) {
    public long version() {
      return snapshot.version();
    }
  }

  /// How much is kept.
  ///
  /// @param newest versions that are kept whatever their age
  /// @param changes row changes between the oldest and the newest kept version: what is not shared
  ///   among them grows with it
  public record Bounds(int newest, long changes) {
    public static final Bounds USUAL = new Bounds(16, 100_000);
  }

  private final Bounds bounds;
  private volatile List<Kept> kept = List.of();

  public SnapshotShelf() {
    this(Bounds.USUAL);
  }

  public SnapshotShelf(Bounds bounds) {
    this.bounds = bounds;
  }

  /// Takes the newest version in. Single writer.
  public void offer(RoutingSnapshot snapshot, long atMillis) {
    List<Kept> next = new ArrayList<>(kept);
    next.add(new Kept(snapshot, atMillis));
    while (next.size() > bounds.newest()) {
      next.removeFirst();
    }
    kept = List.copyOf(next);
  }

  /// What is kept, oldest first.
  public List<Kept> kept() {
    return kept;
  }

  /// @return null where this version is not kept
  public Kept at(long version) {
    for (Kept one : kept) {
      if (one.version() == version) {
        return one;
      }
    }
    return null;
  }
}
