package anycast.routing.admission;

import anycast.routing.model.Entity;
import java.util.LinkedHashMap;
import java.util.stream.Stream;

/// Entries that were found stable lately, the oldest first: last-good may be older than they are.
///
/// With the latest of a key stands the stable version before it, as far as there is room: who
/// proves himself as long as nobody asks for him, and does harm then, has one to go back to.
///
/// **Threading.** Its owner's. **Limits.** [#MOST] entries, [#MAX_WEIGHT].
final class Proven {
  /// As many as may be pending: what was put in force together is remembered together.
  private static final int MOST = Ledger.MAX_PENDING;

  /// Characters of versions before, in all.
  private static final long MAX_WEIGHT = 16 << 20;

  /// What each was when it was pending; null where there is nothing to go back to.
  private final LinkedHashMap<ContentHash, JournalRecord.Pending> entries = new LinkedHashMap<>();

  /// Those with a version before, the oldest first, one a key.
  private final LinkedHashMap<Entity.Key, ContentHash> latest = new LinkedHashMap<>();

  private long weight;

  /// @param entry what it was; null = that is not known
  void add(ContentHash hash, JournalRecord.Pending entry) {
    remove(hash);
    entries.putLast(hash, null);
    if (entry != null) {
      leave(entry.key());
      if (entry.previous() != null) {
        entries.put(hash, entry.onTrial(false).with(Suspicion.NONE));
        latest.putLast(entry.key(), hash);
        weight += Book.weight(entry.previous());
      }
    }
    while (weight > MAX_WEIGHT) {
      leave(latest.firstEntry().getKey());
    }
    if (entries.size() > MOST) {
      remove(entries.firstEntry().getKey());
    }
  }

  void remove(ContentHash hash) {
    JournalRecord.Pending entry = entries.get(hash);
    if (entry != null) {
      leave(entry.key());
    }
    entries.remove(hash);
  }

  /// Nothing of this key is gone back to any more.
  private void leave(Entity.Key key) {
    ContentHash hash = latest.remove(key);
    if (hash != null) {
      weight -= Book.weight(entries.put(hash, null).previous());
    }
  }

  boolean has(ContentHash hash) {
    return entries.containsKey(hash);
  }

  /// What it was when it was pending.
  ///
  /// @return null where it is not here, or there is nothing to go back to
  JournalRecord.Pending of(ContentHash hash) {
    return entries.get(hash);
  }

  /// All of it, as records that make it again.
  Stream<JournalRecord> records() {
    return entries.entrySet().stream()
        .flatMap(each ->
            Stream.concat(
                Stream.ofNullable(each.getValue()),
                Stream.of(new JournalRecord.Stable(each.getKey()))));
  }
}
