package anycast.routing.admission;

import anycast.routing.model.Entity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// What is stable, with the version before it: a rule that nobody followed during its soak may
/// stall the process that a request leads there later, and its row must not be without any version
/// then.
///
/// **Threading.** Its owner's. **Limits.** One entry a key, [#MOST] entries; the oldest go.
final class Settled {
  /// Changes of a day or so; their documents are within the weight.
  static final int MOST = 1_024;

  /// Characters of the versions before.
  private static final long MAX_WEIGHT = 16 << 20;

  private final LinkedHashMap<ContentHash, JournalRecord.Pending> entries = new LinkedHashMap<>();
  private long weight;

  /// @param entry has just proven itself
  void add(JournalRecord.Pending entry) {
    Entity.Key key = entry.key();
    entries.values().stream()
        .filter(known -> known.key().equals(key))
        .map(JournalRecord.Pending::hash)
        .findFirst()
        .ifPresent(this::remove);
    if (entry.previous() == null) {
      return;
    }
    entries.putLast(entry.hash(), entry.onTrial(false).with(Suspicion.NONE));
    weight += Book.weight(entry.previous());
    while (entries.size() > MOST || weight > MAX_WEIGHT) {
      remove(entries.firstEntry().getKey());
    }
  }

  void remove(ContentHash hash) {
    JournalRecord.Pending entry = entries.remove(hash);
    weight -= entry == null ? 0 : Book.weight(entry.previous());
  }

  /// @return null where it is not known
  JournalRecord.Pending of(ContentHash hash) {
    return entries.get(hash);
  }

  /// They become this again when they are read: first pending, then stable.
  List<JournalRecord> records() {
    List<JournalRecord> records = new ArrayList<>(2 * entries.size());
    entries.forEach((hash, entry) -> {
      records.add(entry);
      records.add(new JournalRecord.Stable(hash));
    });
    return records;
  }
}
