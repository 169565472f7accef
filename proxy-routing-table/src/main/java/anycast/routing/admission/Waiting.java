package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.RowName;
import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Changes that sources told and that are not in force: those that wait, and those whose entry is
/// in quarantine, for when it is let out. In memory alone: sources tell them again.
///
/// **Threading.** Its owner's. **Limits.** One change a key; [Ledger#MAX_HELD].
final class Waiting {
  /// @param why null = it is in quarantine
  /// @param dueNanos of [Moment#nanos]; of the second wave
  /// @param released whether an operator let it in: what other instances say does not matter then
  record Held(
      Change.Put change,
      ContentHash hash,
      Verdict.Why why,
      Moment since,
      long dueNanos,
      boolean released) {}

  private final Map<Entity.Key, Held> byKey = new LinkedHashMap<>();
  private final Hearsay hearsay;
  private int out;

  /// @param believed for how long what another instance says is
  Waiting(Duration believed) {
    hearsay = new Hearsay(believed);
  }

  boolean isFull() {
    return byKey.size() >= Ledger.MAX_HELD;
  }

  int count() {
    return byKey.size() - out;
  }

  /// Takes the place of what waited of its key.
  void add(Held held) {
    Entity.Key key = held.change().key();
    remove(key);
    byKey.put(key, held);
    out += held.why() == null ? 1 : 0;
  }

  Held remove(Entity.Key key) {
    Held was = byKey.remove(key);
    out -= was != null && was.why() == null ? 1 : 0;
    return was;
  }

  /// @return null where nothing waits
  Held of(Entity.Key key) {
    return byKey.get(key);
  }

  boolean has(Entity.Key key, ContentHash hash) {
    Held held = byKey.get(key);
    return held != null && held.hash().equals(hash);
  }

  /// A copy, the oldest first; those in quarantine too.
  List<Held> all() {
    return new ArrayList<>(byKey.values());
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  /// What other instances keep out.
  Hearsay hearsay() {
    return hearsay;
  }

  /// Which instance keeps an entry out, in a sentence; empty = none, or an operator let it in here.
  String rejected(Held held, Moment now) {
    return held.released() ? "" : hearsay.of(held.hash(), now);
  }

  /// As shown: those that wait, the oldest first.
  List<HeldEntry> shown(Moment now) {
    return byKey.values().stream()
        .filter(held -> held.why() != null)
        .limit(Ledger.SHOWN)
        .map(held -> shown(held, now))
        .toList();
  }

  private HeldEntry shown(Held held, Moment now) {
    Entity.Key key = held.change().key();
    String rejected = held.why() == Verdict.Why.SECOND_WAVE ? rejected(held, now) : "";
    return new HeldEntry(
        held.hash(),
        RowCodec.table(key).label(),
        RowName.of(key),
        rejected.isEmpty() ? held.why() : Verdict.Why.REJECTED,
        held.since().millis(),
        isTimed(held) && rejected.isEmpty() ? untilMillis(held) : 0,
        rejected);
  }

  private static boolean isTimed(Held held) {
    return held.why() == Verdict.Why.SECOND_WAVE || held.why() == Verdict.Why.REPEATED;
  }

  private static long untilMillis(Held held) {
    return held.since().millis()
        + Duration.ofNanos(held.dueNanos() - held.since().nanos()).toMillis();
  }
}
