package anycast.routing.feed;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The last changes of the table, for an operator who asks what happened.
///
/// **Threading.** The follower's thread writes: two volatile stores a change, and it never waits.
/// Any thread reads. A reader takes references out of the ring from the newest to the oldest and
/// afterwards drops those that may have been written over meanwhile: it can lose its oldest records
/// to a fast writer, and can neither see a half-written one nor hold the writer up. Rung: publish.
/// **Limits.** A fixed number of records; they keep the versions of rows alive that they name, of a
/// virtual service only its hosts and the beginning of its document.
public final class ChangeRing {
  /// An hour at 18 changes a second, three seconds at 20,000: enough for "what happened just now".
  /// A record with two versions of an instance holds about 300 bytes that nothing else does: 20 MB.
  public static final int STANDARD_CAPACITY = 65_536;

  /// What the ring knows.
  ///
  /// @param completeSinceMillis no change after that is missing
  /// @param records oldest first
  public record Page(long completeSinceMillis, List<ChangeRecord> records) {
    public Page {
      records = List.copyOf(records);
    }
  }

  private final AtomicReferenceArray<ChangeRecord> places;
  private final long startedMillis;

  /// Records written ever; the next one's place is this modulo the capacity. The writer's to raise.
  private volatile long written;

  public ChangeRing(int capacity, long startedMillis) {
    this.places = new AtomicReferenceArray<>(capacity);
    this.startedMillis = startedMillis;
  }

  /// Single writer.
  void record(ChangeRecord change) {
    long at = written;
    places.set((int) (at % places.length()), change.brief());
    written = at + 1;
  }

  /// Changes ever recorded, also those that the ring has forgotten.
  public long count() {
    return written;
  }

  /// What changed at or after an instant.
  public Page since(long atMillis) {
    long end = written;
    List<ChangeRecord> newestFirst = new ArrayList<>();
    long at = end;
    boolean older = false;
    while (at > 0 && at > end - places.length()) {
      ChangeRecord change = places.get((int) ((at - 1) % places.length()));
      if (change.atMillis() < atMillis) {
        older = true;
        break;
      }
      newestFirst.add(change);
      at--;
    }
    // The writer may be at the place of record `written - capacity` right now.
    long firstSafe = written - places.length() + 1;
    int lost = (int) Math.max(0, Math.min(newestFirst.size(), firstSafe - at));
    List<ChangeRecord> safe = newestFirst.subList(0, newestFirst.size() - lost).reversed();
    boolean whole = lost == 0 && (older || at == 0);
    long since = whole ? Math.max(atMillis, startedMillis) : completeSince(safe, end);
    return new Page(since, safe);
  }

  /// Records of the oldest millisecond may have been forgotten in part.
  private long completeSince(List<ChangeRecord> safe, long end) {
    if (!safe.isEmpty()) {
      return safe.getFirst().atMillis() + 1;
    }
    ChangeRecord newest = end == 0 ? null : places.get((int) ((end - 1) % places.length()));
    return newest == null ? startedMillis : newest.atMillis() + 1;
  }
}
