package anycast.routing.table;

import java.util.ArrayList;
import java.util.List;

/// Published snapshots of the last hours, for an operator who asks what the table said before.
///
/// ```
///   oldest                                                       newest
///   │ first of each minute │ first of each 10 s │ every version │
///   2 h                    10 min               the last 16
/// ```
///
/// Versions share structure, so one costs what changed until the next: a budget in bytes bounds the
/// sum, and the oldest go first. Rows are reckoned by their number, virtual services by what the
/// two versions hold, because one of them may be a thousand times another. A fleet that changes ten
/// times a second keeps its two hours; a storm shortens them.
///
/// **Threading.** One writer offers; any thread reads. The writer makes two arrays of at most 200
/// references a version and publishes it by one volatile write; readers cannot hold it up. Rung:
/// publish. **Limits.** [Bounds].
public final class SnapshotShelf {
  // Measured with 100,000 instances of 1,000 apps: 1.3 kB a change where versions are 100 changes
  // apart, 1.2 at 1,000, 0.4 at 10,000.

  /// What a changed row itself keeps from being shared: the row, its entry, its part of a shard.
  private static final long BYTES_OF_A_CHANGE = 300;

  /// What each member costs of an app that was made anew: places in its roster and pickers.
  private static final long BYTES_OF_A_MEMBER = 12;

  /// What a row weighs: versions that share nothing cost no more. Measured with 1,000,000
  /// instances.
  private static final long BYTES_OF_A_ROW = 350;

  private static final long FINE_MILLIS = 10_000;
  private static final long FINE_UNTIL_MILLIS = 10 * 60_000;
  private static final long COARSE_MILLIS = 60_000;
  private static final long COARSE_UNTIL_MILLIS = 2 * 60 * 60_000;

  /// A snapshot that is kept.
  ///
  /// @param atMillis wall clock when it was published
  public record Kept(RoutingSnapshot snapshot, long atMillis) {
    public long version() {
      return snapshot.version();
    }
  }

  /// How much is kept.
  ///
  /// @param newest versions that are kept however fast they come
  /// @param bytes all together, beside the newest; estimated
  public record Bounds(int newest, long bytes) {
    /// A sixteenth of the heap: 64 MiB of 1 GiB, which is 7 minutes of 100 changes a second.
    public static Bounds usual() {
      return new Bounds(16, Runtime.getRuntime().maxMemory() / 16);
    }
  }

  /// One that is kept, with what it costs.
  ///
  /// @param next the one that is kept after it; null = it is the newest
  /// @param bytes that it holds and `next` does not
  private record Costly(Kept kept, Kept next, long bytes) {}

  private final Bounds bounds;

  /// The writer's: the same in the same order, so that only new neighbours are compared.
  private List<Costly> costs = List.of();

  private volatile List<Kept> kept = List.of();

  public SnapshotShelf() {
    this(Bounds.usual());
  }

  public SnapshotShelf(Bounds bounds) {
    this.bounds = bounds;
  }

  /// Takes the newest version in. Single writer.
  ///
  /// @param atMillis wall clock; may jump
  public void offer(RoutingSnapshot snapshot, long atMillis) {
    List<Costly> all = costs;
    List<Costly> newestFirst = new ArrayList<>(all.size() + 1);
    newestFirst.add(new Costly(new Kept(snapshot, atMillis), null, 0));
    long bytes = 0;
    for (int i = all.size() - 1; i >= 0; i--) {
      Kept one = all.get(i).kept();
      if (newestFirst.size() >= bounds.newest()
          && !spaced(one, i == 0 ? null : all.get(i - 1).kept(), atMillis)) {
        continue;
      }
      Kept next = newestFirst.getLast().kept();
      Costly cost =
          all.get(i).next() == next
              ? all.get(i)
              : new Costly(one, next, unshared(one.snapshot(), next.snapshot()));
      bytes += cost.bytes();
      if (bytes > bounds.bytes()) {
        break;
      }
      newestFirst.add(cost);
    }
    costs = List.copyOf(newestFirst.reversed());
    kept = costs.stream().map(Costly::kept).toList();
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

  /// Whether a version is the first of its span of time; `older` is the one kept before it.
  private static boolean spaced(Kept one, Kept older, long nowMillis) {
    long age = nowMillis - one.atMillis();
    if (age > COARSE_UNTIL_MILLIS) {
      return false;
    }
    long span = age > FINE_UNTIL_MILLIS ? COARSE_MILLIS : FINE_MILLIS;
    return older == null
        || Math.floorDiv(older.atMillis(), span) != Math.floorDiv(one.atMillis(), span);
  }

  /// About how many bytes only the older of two versions holds.
  static long unshared(RoutingSnapshot older, RoutingSnapshot newer) {
    RoutingSnapshot.Counts rows = older.counts();
    long all =
        (long) rows.apps()
            + rows.services()
            + rows.hostnames()
            + rows.instances()
            + rows.nodes()
            + rows.certificates()
            + rows.virtualServices()
            + rows.appRegions()
            + rows.instanceHealth()
            + rows.cordons();
    long changes = newer.changes() - older.changes();
    long members = Math.min(rows.instances(), newer.edition.copied() - older.edition.copied());
    return UnsharedRules.of(older.apps, newer.apps)
        + Math.min(all * BYTES_OF_A_ROW, changes * BYTES_OF_A_CHANGE + members * BYTES_OF_A_MEMBER);
  }
}
