package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.RowName;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Changes that sources told and that are not in force: those that wait, and those whose entry is
/// in quarantine, for when it is let out. In memory alone: sources tell them again.
///
/// **Threading.** Its owner's. **Limits.** One change a key; [Ledger#MAX_HELD].
final class Waiting {
  /// Entries that other instances keep out; each may have 1,024 itself, of the same few.
  private static final int MAX_REJECTS = 1_024;

  /// Instances that are named for one entry.
  private static final int MAX_REJECTERS = 16;

  /// @param why null = it is in quarantine
  /// @param dueNanos of [Moment#nanos]; of the second wave
  record Held(Change.Put change, ContentHash hash, Verdict.Why why, Moment since, long dueNanos) {}

  private record Reject(Map<NodeId, String> by, long sinceNanos) {}

  private final Map<Entity.Key, Held> byKey = new LinkedHashMap<>();
  private final LinkedHashMap<ContentHash, Reject> rejects = new LinkedHashMap<>();
  private final Duration rejectLimit;
  private int out;

  /// @param rejectLimit for how long what another instance says is believed
  Waiting(Duration rejectLimit) {
    this.rejectLimit = rejectLimit;
  }

  boolean isFull() {
    return byKey.size() >= Ledger.MAX_HELD;
  }

  int count() {
    return byKey.size() - out;
  }

  /// Takes the place of what waited of its key.
  void add(Held held) {
    Entity.Key key = held.change().entity().key();
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

  void onReject(ContentHash hash, NodeId from, String reason, Moment now) {
    Reject known = rejects.get(hash);
    Map<NodeId, String> by = new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
    if (known != null) {
      by.putAll(known.by());
    }
    if (by.size() < MAX_REJECTERS || by.containsKey(from)) {
      by.put(from, reason);
    }
    rejects.putLast(hash, new Reject(by, now.nanos()));
    if (rejects.size() > MAX_REJECTS) {
      rejects.pollFirstEntry();
    }
  }

  void onRejectWithdrawn(ContentHash hash, NodeId from) {
    Reject known = rejects.get(hash);
    if (known != null && known.by().remove(from) != null && known.by().isEmpty()) {
      rejects.remove(hash);
    }
  }

  /// Which instance keeps an entry out, in a sentence; empty = none.
  String rejected(ContentHash hash, Moment now) {
    Reject reject = rejects.get(hash);
    if (reject == null || now.nanos() - reject.sinceNanos() > rejectLimit.toNanos()) {
      return "";
    }
    Map.Entry<NodeId, String> first = reject.by().entrySet().iterator().next();
    return first.getKey() + " keeps it out: " + first.getValue();
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
    Entity.Key key = held.change().entity().key();
    String rejected = held.why() == Verdict.Why.SECOND_WAVE ? rejected(held.hash(), now) : "";
    return new HeldEntry(
        held.hash(),
        RowCodec.table(key).label(),
        RowName.of(key),
        rejected.isEmpty() ? held.why() : Verdict.Why.REJECTED,
        held.since().millis(),
        held.why() == Verdict.Why.SECOND_WAVE && rejected.isEmpty() ? untilMillis(held) : 0,
        rejected);
  }

  static long untilMillis(Held held) {
    return held.since().millis()
        + Duration.ofNanos(held.dueNanos() - held.since().nanos()).toMillis();
  }
}
