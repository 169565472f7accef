package anycast.backhaul.worker;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;

/// Those who wait, by key: first come first served within a key, and the keys take turns. So who
/// sends a thousand requests at once waits for itself, and not everybody for it.
///
/// It knows also which key has most, for when the line gets too long.
///
/// **Threading.** One owner. **Limits.** The caller's: [#giver] says who has to go.
///
/// @param <K> by which turns are taken
/// @param <W> who waits; distinct
final class FairLine<K, W> {
  /// By key, in the order of turns: the first key is next.
  private final LinkedHashMap<K, LinkedHashSet<W>> byKey = new LinkedHashMap<>();

  private final TreeMap<Integer, LinkedHashSet<K>> byCount = new TreeMap<>();
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /// How many wait, by key.
  Map<K, Integer> counts() {
    Map<K, Integer> counts = new HashMap<>();
    byKey.forEach((key, waiting) -> counts.put(key, waiting.size()));
    return counts;
  }

  void add(K key, W waiter) {
    LinkedHashSet<W> of = byKey.computeIfAbsent(key, _ -> new LinkedHashSet<>());
    if (!of.add(waiter)) {
      throw new IllegalStateException("waits already");
    }
    size++;
    recount(key, of.size() - 1, of.size());
  }

  /// @return whether it was there
  boolean remove(K key, W waiter) {
    LinkedHashSet<W> of = byKey.get(key);
    if (of == null || !of.remove(waiter)) {
      return false;
    }
    size--;
    recount(key, of.size() + 1, of.size());
    if (of.isEmpty()) {
      byKey.remove(key);
    }
    return true;
  }

  /// Whose turn it is; not empty.
  W first() {
    return byKey.firstEntry().getValue().getFirst();
  }

  /// Takes out whose turn it is; its key is last from then on.
  W next() {
    Map.Entry<K, LinkedHashSet<W>> turn = byKey.firstEntry();
    K key = turn.getKey();
    LinkedHashSet<W> of = turn.getValue();
    W waiter = of.getFirst();
    remove(key, waiter);
    if (!of.isEmpty()) {
      byKey.putLast(key, of);
    }
    return waiter;
  }

  /// Who gives way when the line is too long: the newest of the key that has most, of `newcomer`
  /// where no other has more.
  W giver(K newcomer) {
    Map.Entry<Integer, LinkedHashSet<K>> most = byCount.lastEntry();
    LinkedHashSet<W> own = byKey.get(newcomer);
    K key = own != null && own.size() >= most.getKey() ? newcomer : most.getValue().getFirst();
    return byKey.get(key).getLast();
  }

  private void recount(K key, int before, int after) {
    if (before > 0) {
      LinkedHashSet<K> same = byCount.get(before);
      same.remove(key);
      if (same.isEmpty()) {
        byCount.remove(before);
      }
    }
    if (after > 0) {
      byCount.computeIfAbsent(after, _ -> new LinkedHashSet<>()).add(key);
    }
  }
}
