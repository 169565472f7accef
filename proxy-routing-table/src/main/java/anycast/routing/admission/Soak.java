package anycast.routing.admission;

import anycast.routing.feed.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How long all has been well since each entry on trial came into force.
///
/// A beat that is not well, or beats that stay away, begin it anew for all.
final class Soak {
  /// Beats come once a second; a process that was suspended proved nothing meanwhile.
  private static final long GAP_NANOS = Duration.ofSeconds(5).toNanos();

  private final long soakNanos;

  /// The oldest first.
  private final LinkedHashMap<ContentHash, Long> sinceNanos = new LinkedHashMap<>();

  private long beatNanos;
  private long wellNanos;

  Soak(Duration soak, Moment now) {
    soakNanos = soak.toNanos();
    beatNanos = now.nanos();
    wellNanos = now.nanos();
  }

  void begin(ContentHash hash, Moment now) {
    sinceNanos.putLast(hash, now.nanos());
  }

  void drop(ContentHash hash) {
    sinceNanos.remove(hash);
  }

  /// @return entries that are stable from now on
  List<ContentHash> onBeat(boolean well, Moment now) {
    boolean gap = now.nanos() - beatNanos > GAP_NANOS;
    beatNanos = now.nanos();
    if (!well || gap) {
      wellNanos = now.nanos();
    }
    List<ContentHash> stable = new ArrayList<>();
    if (now.nanos() - wellNanos >= soakNanos) {
      Iterator<Map.Entry<ContentHash, Long>> oldest = sinceNanos.entrySet().iterator();
      while (oldest.hasNext()) {
        Map.Entry<ContentHash, Long> entry = oldest.next();
        if (now.nanos() - entry.getValue() < soakNanos) {
          break;
        }
        stable.add(entry.getKey());
        oldest.remove();
      }
    }
    return stable;
  }

  /// For how long all has been well.
  long wellForNanos(Moment now) {
    return now.nanos() - wellNanos;
  }
}
