package anycast.routing.admission;

import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.VirtualService;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What the journal says: entries that are pending, entries in quarantine, and which life this is.
/// Changes by [JournalRecord]s alone, so that what is read back is what was.
///
/// **Threading.** Its owner's. **Limits.** [Ledger#MAX_PENDING] and [Ledger#MAX_QUARANTINED].
final class Book {
  /// Characters of dumps that are kept in full; later ones are cut.
  private static final int MAX_DETAILS = 8 << 20;

  private static final int SHORT_DETAIL = 4 * 1024;

  /// Characters of previous versions of pending entries that are kept: 65,536 documents of a usual
  /// size. Entries beyond have none to go back to.
  private static final long MAX_WEIGHT = 64 << 20;

  /// As many as may be pending: what was put in force together is remembered together.
  private static final int MAX_PROVEN = Ledger.MAX_PENDING;

  /// Rows that change again within a soak, between two savings of the table.
  private static final int MAX_UNPROVEN = 16_384;

  /// Of an entity without long texts.
  private static final int USUAL_WEIGHT = 200;

  /// Of one previous version: a record has room for it.
  private static final int MAX_ONE = 1 << 20;

  /// Which one goes where there is no room: what no source tells any more, then what the compiler
  /// would find again, and only then what a process had to end for. A tenant may bring in a
  /// thousand of the former.
  private static final Comparator<JournalRecord.Quarantined> LEAST_MISSED =
      Comparator.<JournalRecord.Quarantined, Boolean>comparing(q -> !q.superseded())
          .thenComparing(q -> isDeadly(q.entry().stage()))
          .thenComparingLong(q -> q.entry().untilMillis());

  private final Map<ContentHash, JournalRecord.Pending> pending = new LinkedHashMap<>();

  /// One a key: a new version takes the place of the one before.
  private final Map<Entity.Key, ContentHash> pendingByKey = new HashMap<>();

  /// Lately found stable, the oldest first: last-good may be older than they are.
  private final LinkedHashSet<ContentHash> proven = new LinkedHashSet<>();

  /// By key, what went before it was stable; last-good may still have it.
  private final LinkedHashMap<Entity.Key, ContentHash> unproven = new LinkedHashMap<>();

  private final Settled settled = new Settled();

  private final Map<ContentHash, JournalRecord.Quarantined> quarantined = new LinkedHashMap<>();

  /// How many are in quarantine, by key.
  private final Map<Entity.Key, Integer> quarantinedKeys = new HashMap<>();

  /// Of those in quarantine, entries whose key nobody knows yet.
  private int keyless;

  private long details;
  private long weight;
  private int onTrial;
  private int suspects;
  private long life;

  /// Null where nobody has said it.
  private NodeId owner;

  private boolean orderly = true;

  void apply(JournalRecord record) {
    orderly = record instanceof JournalRecord.Orderly;
    switch (record) {
      case JournalRecord.Start(long number, _) -> life = number;
      case JournalRecord.Of(NodeId node) -> owner = node;
      case JournalRecord.Pending entry -> onPending(entry);
      case JournalRecord.Trial(ContentHash hash) -> {
        JournalRecord.Pending entry = pending.get(hash);
        if (entry != null) {
          onPending(entry.onTrial(true));
        }
      }
      case JournalRecord.Bulk _ -> {}
      case JournalRecord.Stable(ContentHash hash) -> {
        JournalRecord.Pending entry = pending.get(hash);
        if (entry != null) {
          settled.add(entry);
        }
        drop(hash);
        proven.addLast(hash);
        if (proven.size() > MAX_PROVEN) {
          proven.removeFirst();
        }
      }
      case JournalRecord.Forgotten(ContentHash hash, Entity.Key key) -> {
        drop(hash);
        forget(key, hash);
      }
      case JournalRecord.Quarantined entry -> onQuarantined(entry);
      case JournalRecord.Released(ContentHash hash) -> release(hash);
      case JournalRecord.Orderly _ -> {}
    }
  }

  /// Forgets what is true of another node's process only: what it had on trial, and its end. What
  /// did harm there does so here.
  ///
  /// @return whose book it was; null = of this node, or nobody's
  NodeId disown(NodeId self) {
    if (owner == null || owner.equals(self)) {
      return null;
    }
    List.copyOf(pending.keySet()).forEach(this::drop);
    unproven.clear();
    orderly = true;
    return owner;
  }

  private void onPending(JournalRecord.Pending entry) {
    drop(entry.hash());
    ContentHash older = pendingByKey.get(entry.key());
    if (older != null) {
      drop(older);
      forget(entry.key(), older);
    }
    unproven.remove(entry.key(), entry.hash());
    if (pending.size() < Ledger.MAX_PENDING) {
      pending.put(entry.hash(), entry);
      pendingByKey.put(entry.key(), entry.hash());
      weight += weight(entry.previous());
      onTrial += entry.onTrial() ? 1 : 0;
      suspects += entry.suspicion().suspect() ? 1 : 0;
    }
  }

  private void forget(Entity.Key key, ContentHash hash) {
    unproven.putLast(key, hash);
    if (unproven.size() > MAX_UNPROVEN) {
      unproven.pollFirstEntry();
    }
  }

  private void drop(ContentHash hash) {
    JournalRecord.Pending entry = pending.remove(hash);
    if (entry != null) {
      pendingByKey.remove(entry.key(), hash);
      weight -= weight(entry.previous());
      onTrial -= entry.onTrial() ? 1 : 0;
      suspects -= entry.suspicion().suspect() ? 1 : 0;
    }
  }

  /// Whether a previous version may be kept.
  ///
  /// @param previous null = none
  boolean hasRoomFor(Entity previous) {
    long more = weight(previous);
    return more <= MAX_ONE && weight + more <= MAX_WEIGHT;
  }

  static long weight(Entity entity) {
    return switch (entity) {
      case null -> 0;
      case VirtualService v -> v.document().length();
      case Certificate c -> (long) c.chainPem().length() + c.keyPem().length();
      case Entity _ -> USUAL_WEIGHT;
    };
  }

  private void onQuarantined(JournalRecord.Quarantined entry) {
    ContentHash hash = entry.entry().hash();
    drop(hash);
    release(hash);
    proven.remove(hash);
    settled.remove(hash);
    if (quarantined.size() == Ledger.MAX_QUARANTINED) {
      quarantined.values().stream()
          .min(LEAST_MISSED)
          .ifPresent(first -> release(first.entry().hash()));
    }
    int most = details > MAX_DETAILS ? SHORT_DETAIL : Ledger.MAX_DETAIL;
    JournalRecord.Quarantined kept =
        new JournalRecord.Quarantined(
            entry.entry().cut(most), entry.key(), entry.previous(), entry.superseded());
    details += kept.entry().detail().length();
    quarantined.put(hash, kept);
    if (kept.key() == null) {
      keyless++;
    } else {
      quarantinedKeys.merge(kept.key(), 1, Integer::sum);
    }
  }

  private static boolean isDeadly(Stage stage) {
    return switch (stage) {
      case VALIDATE, COMPILE, REHEARSE -> false;
      case IDLE, PUBLISH, ROUTE, RULE, PICK, RELAY -> true;
    };
  }

  private void release(ContentHash hash) {
    JournalRecord.Quarantined entry = quarantined.remove(hash);
    if (entry != null) {
      details -= entry.entry().detail().length();
      if (entry.key() == null) {
        keyless--;
      } else {
        quarantinedKeys.computeIfPresent(entry.key(), (_, n) -> n == 1 ? null : n - 1);
      }
    }
  }

  /// All of it, as records that make it again: of the life after this one.
  Stream<JournalRecord> records(long millis) {
    return Stream.of(
            Stream.of(new JournalRecord.Start(life, millis)),
            Stream.ofNullable(owner).map(JournalRecord.Of::new),
            settled.records().stream(),
            proven.stream().map(JournalRecord.Stable::new),
            unproven.entrySet().stream()
                .map(gone -> new JournalRecord.Forgotten(gone.getValue(), gone.getKey())),
            quarantined.values().stream(),
            pending.values().stream())
        .flatMap(part -> part);
  }

  long life() {
    return life;
  }

  /// Whether the last life ended in order, or there was none.
  boolean orderly() {
    return orderly;
  }

  int pendingCount() {
    return pending.size();
  }

  /// How many entries are in force and not stable.
  int onTrialCount() {
    return onTrial;
  }

  /// How many wait for a trial of their own, or are in it.
  int suspectCount() {
    return suspects;
  }

  JournalRecord.Pending pending(ContentHash hash) {
    return pending.get(hash);
  }

  /// What is pending, or was until it was stable.
  ///
  /// @return null where it is not known
  JournalRecord.Pending known(ContentHash hash) {
    JournalRecord.Pending entry = pending.get(hash);
    return entry == null ? settled.of(hash) : entry;
  }

  /// @return null where nothing of this key is pending
  JournalRecord.Pending pending(Entity.Key key) {
    ContentHash hash = pendingByKey.get(key);
    return hash == null ? null : pending.get(hash);
  }

  List<JournalRecord.Pending> allOnTrial() {
    return onTrial == 0
        ? List.of()
        : pending.values().stream().filter(JournalRecord.Pending::onTrial).toList();
  }

  List<JournalRecord.Pending> allSuspects() {
    return suspects == 0
        ? List.of()
        : pending.values().stream().filter(entry -> entry.suspicion().suspect()).toList();
  }

  /// Whether it was found stable lately: it need not prove itself again.
  boolean isProven(ContentHash hash) {
    return proven.contains(hash);
  }

  /// Whether a version of a key was stable once, as far as that is remembered.
  boolean isHarmless(Entity.Key key, ContentHash hash) {
    if (proven.contains(hash)) {
      return true;
    }
    JournalRecord.Pending entry = pending(key);
    return entry != null && is(entry.previous(), hash)
        || quarantinedKeys.containsKey(key)
            && quarantined.values().stream()
                .anyMatch(out -> key.equals(out.key()) && is(out.previous(), hash));
  }

  private static boolean is(Entity entity, ContentHash hash) {
    return entity != null && ContentHash.of(entity).equals(hash);
  }

  /// Whether nothing speaks against any version of this key: nobody needs its hash.
  boolean isClear(Entity.Key key) {
    return !pendingByKey.containsKey(key) && !unproven.containsKey(key) && !mayBeQuarantined(key);
  }

  /// Whether a version of a key was in force and went before it was stable.
  boolean isUnproven(Entity.Key key, ContentHash hash) {
    return hash.equals(unproven.get(key));
  }

  /// The key of what was in force and went before it was stable, as far as that is remembered.
  ///
  /// @return null where nothing is remembered of it
  Entity.Key unproven(ContentHash hash) {
    return unproven.entrySet().stream()
        .filter(gone -> gone.getValue().equals(hash))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /// Whether an entity of this key may be in quarantine: else nobody needs its hash.
  boolean mayBeQuarantined(Entity.Key key) {
    return keyless > 0 || quarantinedKeys.containsKey(key);
  }

  /// The version before that of a key's pending one.
  Optional<Entity> previousOf(Entity.Key key) {
    JournalRecord.Pending entry = pending(key);
    return usable(entry == null ? null : entry.previous());
  }

  /// The version before an entry that is quarantined or pending.
  Optional<Entity> previous(ContentHash hash) {
    JournalRecord.Quarantined out = quarantined.get(hash);
    JournalRecord.Pending entry = pending.get(hash);
    return usable(out != null ? out.previous() : entry != null ? entry.previous() : null);
  }

  private Optional<Entity> usable(Entity previous) {
    return Optional.ofNullable(previous)
        .filter(entity -> !quarantined.containsKey(ContentHash.of(entity)));
  }

  JournalRecord.Quarantined quarantined(ContentHash hash) {
    return quarantined.get(hash);
  }

  Collection<JournalRecord.Quarantined> allQuarantined() {
    return new ArrayList<>(quarantined.values());
  }

  /// Entries of a key that are in quarantine and not superseded.
  List<JournalRecord.Quarantined> quarantinedOf(Entity.Key key) {
    return quarantinedKeys.containsKey(key)
        ? quarantined.values().stream()
            .filter(entry -> key.equals(entry.key()) && !entry.superseded())
            .toList()
        : List.of();
  }

  /// How many versions of a key are out because they did harm in force.
  int harmful(Entity.Key key) {
    return quarantinedKeys.containsKey(key)
        ? (int)
            quarantined.values().stream()
                .filter(out -> key.equals(out.key()) && isDeadly(out.entry().stage()))
                .count()
        : 0;
  }

  /// Suspects that are none any more when `guilty` caused all of `ends`: nothing is left that
  /// speaks against them.
  List<JournalRecord.Pending> cleared(Set<Long> ends) {
    return allSuspects().stream()
        .filter(entry ->
            !entry.suspicion().ends().isEmpty() && ends.containsAll(entry.suspicion().ends()))
        .toList();
  }
}
