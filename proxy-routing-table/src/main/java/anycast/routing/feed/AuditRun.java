package anycast.routing.feed;

import anycast.routing.feed.AuditReport.Difference;
import anycast.routing.feed.AuditReport.Kind;
import anycast.routing.feed.AuditReport.TableAudit;
import anycast.routing.feed.AuditReport.Where;
import anycast.routing.model.Entity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One audit: source against mirror, and mirrors against what readers see.
///
/// ```
///  begun ──► rows of each feed, read beside its stream ──► settle ──► report
///        └─► entities that readers see ─────────────────┘
///        ◄──────────── keys that change are remembered ─────────────►
/// ```
///
/// Source and stream are never read at the same instant: a row that changes while they are read, or
/// whose change is on its way, differs without being wrong. So a difference is a suspicion at
/// first. It counts only where the key has not changed from the beginning of the reading until all
/// that was on its way must have come in.
///
/// **Threading.** The core's. **Limits.** Suspicions a feed and keys remembered a table; whoever
/// exceeds the second one is not compared this time.
final class AuditRun {
  /// A source batches changes for 0.6 s and an agent's own apply queue delays them by seconds.
  static final Duration SETTLE = Duration.ofSeconds(5);

  /// A reading that takes longer is given up, so that one that hangs does not end all audits.
  static final Duration PATIENCE = Duration.ofMinutes(15);

  /// Beyond, differences are counted without a second look: a new snapshot is due in any case.
  private static final int MAX_SUSPICIONS = 10_000;

  /// 20,000 changes a second for ten seconds, the time that reading a million rows takes.
  private static final int MAX_STIRRED = 200_000;

  private record Suspicion(Where where, Kind kind, Object key, Object expected, Object found) {}

  /// One feed under audit. What readers see of a table is compared once, with its first feed.
  private static final class Target {
    final TableFeed feed;
    final RowStore rows;
    final BitSet met = new BitSet();
    final List<Suspicion> suspicions = new ArrayList<>();
    String fault = "";
    boolean read;
    long compared;
    final long[] uncertain = new long[Kind.values().length];

    Target(TableFeed feed) {
      this.feed = feed;
      this.rows = feed.mirror().rows();
    }
  }

  /// What a finished audit wants done.
  interface Repairs {
    /// Readers see something else than they should.
    void table(Object found, Object expected);

    void resnapshot(TableFeed feed, String reason);
  }

  private final Publication publication;
  private final Moment begun;
  private final Map<FeedId, Target> targets = new LinkedHashMap<>();
  private final Map<Table, Target> firsts = new HashMap<>();
  private final Map<Table, Set<Object>> stirred = new HashMap<>();

  /// Stores that were there when it began, each with the rows of it that readers see.
  private final Map<RowStore, BitSet> seenInForce = new IdentityHashMap<>();

  private boolean inForceTold;
  private long settledAtNanos;

  /// @param feeds all of them; those that do not follow are reported as not compared
  /// @param publication knows which rows readers do not see with good reason
  AuditRun(List<TableFeed> feeds, Publication publication, Moment now) {
    this.publication = publication;
    this.begun = now;
    this.settledAtNanos = now.nanos();
    for (TableFeed feed : feeds) {
      if (!feed.feed().table().isRouted()) {
        // Beats change faster than they can be read, and nobody is served by these tables.
        continue;
      }
      Target target = new Target(feed);
      target.fault = feed.following() ? "" : "its stream is not up";
      targets.put(feed.feed(), target);
      firsts.putIfAbsent(feed.feed().table(), target);
      feed.claims().stores().forEach(store -> seenInForce.put(store, new BitSet()));
      stirred.putIfAbsent(feed.feed().table(), new HashSet<>());
    }
  }

  /// Feeds that are worth reading.
  List<FeedId> readable() {
    return targets.values().stream()
        .filter(t -> t.fault.isEmpty())
        .map(t -> t.feed.feed())
        .toList();
  }

  void onStirred(Table table, Object key) {
    Set<Object> keys = stirred.get(table);
    if (keys != null && keys.size() < MAX_STIRRED) {
      keys.add(key);
    }
  }

  void onRows(FeedId feed, List<ReadRow> rows) {
    Target target = targets.get(feed);
    if (target == null || isVoid(target)) {
      return;
    }
    for (ReadRow row : rows) {
      int slot = row.key() == null ? RowStore.NONE : target.rows.slotOf(row.key());
      if (slot != RowStore.NONE) {
        target.met.set(slot);
      }
      if (row.value() != null) {
        target.compared++;
        Object held = slot == RowStore.NONE ? null : target.rows.value(slot);
        compare(target, Where.MIRROR, row.key(), row.value(), held);
      }
    }
  }

  void onRead(FeedId feed, String fault, Moment now) {
    Target target = targets.get(feed);
    if (target == null || isVoid(target)) {
      return;
    }
    target.read = true;
    target.fault = fault;
    settledAtNanos = now.nanos() + SETTLE.toNanos();
    RowStore rows = target.rows;
    for (int slot = 0; fault.isEmpty() && slot < rows.end(); slot++) {
      // A row that cannot be decoded was read without its key, perhaps.
      if (!target.met.get(slot) && rows.owns(slot) && !rows.isSkipped(slot)) {
        suspect(target, Where.MIRROR, rows.value(slot), null, rows.value(slot));
      }
    }
  }

  void onInForce(List<Entity> entities) {
    Map<Table, List<RowStore>> stores = new EnumMap<>(Table.class);
    for (Entity entity : entities) {
      Entity.Key key = entity.key();
      Target target = firsts.get(RowCodec.table(key));
      if (target == null) {
        continue;
      }
      Claims claims = target.feed.claims();
      for (RowStore store :
          stores.computeIfAbsent(target.feed.feed().table(), _ -> claims.stores())) {
        BitSet seen = seenInForce.get(store);
        int slot = seen == null ? RowStore.NONE : store.slotOf((Object) key);
        if (slot != RowStore.NONE) {
          seen.set(slot);
        }
      }
      compare(target, Where.TABLE, key, expected(claims, key), entity);
    }
  }

  void onInForceEnd(Moment now) {
    inForceTold = true;
    if (settledAtNanos - now.nanos() < 0) {
      settledAtNanos = now.nanos();
    }
    for (Target target : firsts.values()) {
      Claims claims = target.feed.claims();
      List<RowStore> stores = claims.stores();
      // A snapshot that came in meanwhile has its rows in other slots: nothing can be said then.
      if (stores.stream().allMatch(s -> s.keyCount() == 0 || seenInForce.containsKey(s))) {
        stores.forEach(store -> suspectUnseen(target, store));
      }
    }
  }

  private void suspectUnseen(Target target, RowStore store) {
    BitSet seen = seenInForce.get(store);
    for (int slot = 0; slot < store.end(); slot++) {
      if (store.owns(slot) && !seen.get(slot)) {
        Object key = RowStore.key(store.value(slot));
        Entity expected = expected(target.feed.claims(), (Entity.Key) key);
        if (expected != null) {
          suspect(target, Where.TABLE, key, expected, null);
        }
      }
    }
  }

  /// What readers should see: what the feeds say, unless that is kept out.
  private Entity expected(Claims claims, Entity.Key key) {
    return publication.served(key, (Entity) claims.inForce(key));
  }

  private void compare(Target target, Where where, Object key, Object expected, Object found) {
    if (expected == null || !expected.equals(found)) {
      suspect(target, where, key, expected, found);
    }
  }

  private void suspect(
      Target target, Where where, Object keyOrValue, Object expected, Object found) {
    Object key = keyOrValue instanceof Entity entity ? entity.key() : keyOrValue;
    if (stirred.get(target.feed.feed().table()).contains(key)) {
      return;
    }
    Kind kind = found == null ? Kind.MISSING : expected == null ? Kind.GHOST : Kind.DIFFERENT;
    if (target.suspicions.size() < MAX_SUSPICIONS) {
      target.suspicions.add(new Suspicion(where, kind, key, expected, found));
    } else {
      target.uncertain[kind.ordinal()]++;
    }
  }

  /// A snapshot that came in meanwhile is a fresher reading than this one.
  private static boolean isVoid(Target target) {
    if (target.rows != target.feed.mirror().rows()) {
      target.fault = "a new snapshot came in while it was read";
    }
    return !target.fault.isEmpty();
  }

  /// Whether all was told and all that was on its way has come in, or it takes too long.
  boolean isOver(Moment now) {
    if (now.nanos() - begun.nanos() > PATIENCE.toNanos()) {
      targets.values().stream()
          .filter(t -> !t.read && t.fault.isEmpty())
          .forEach(t -> t.fault = "it was not read within " + PATIENCE.toMinutes() + " minutes");
      return true;
    }
    return inForceTold
        && targets.values().stream().allMatch(t -> t.read || isVoid(t))
        && now.nanos() - settledAtNanos >= 0;
  }

  /// Looks at each suspicion again, and has repaired what remains.
  AuditReport finish(Moment now, Repairs repairs) {
    List<TableAudit> tables = new ArrayList<>();
    List<Difference> named = new ArrayList<>();
    for (Target target : targets.values()) {
      tables.add(finish(target, named, repairs));
    }
    return new AuditReport(now.millis(), now.millis() - begun.millis(), tables, named);
  }

  private TableAudit finish(Target target, List<Difference> named, Repairs repairs) {
    FeedId feed = target.feed.feed();
    Set<Object> changed = stirred.get(feed.table());
    if (changed.size() >= MAX_STIRRED) {
      target.fault = "more than " + MAX_STIRRED + " rows changed while it was read";
    }
    boolean mirrorRead = !isVoid(target);
    long[] counts = mirrorRead ? target.uncertain.clone() : new long[Kind.values().length];
    long repaired = 0;
    long wrong = mirrorRead ? target.uncertain[0] + target.uncertain[1] + target.uncertain[2] : 0;
    for (Suspicion suspicion : target.suspicions) {
      boolean stands =
          (mirrorRead || suspicion.where() == Where.TABLE)
              && changed.size() < MAX_STIRRED
              && !changed.contains(suspicion.key());
      if (!stands) {
        continue;
      }
      counts[suspicion.kind().ordinal()]++;
      if (named.size() < AuditReport.MAX_NAMED) {
        String row = RowName.of(suspicion.key());
        named.add(new Difference(feed, suspicion.where(), suspicion.kind(), row));
      }
      if (suspicion.where() == Where.TABLE) {
        repairs.table(suspicion.found(), suspicion.expected());
        repaired++;
      } else {
        wrong++;
      }
    }
    if (wrong > 0) {
      repairs.resnapshot(target.feed, "an audit found " + wrong + " rows that differ");
    }
    return new TableAudit(
        feed,
        target.fault,
        target.compared,
        counts[Kind.MISSING.ordinal()],
        counts[Kind.GHOST.ordinal()],
        counts[Kind.DIFFERENT.ordinal()],
        repaired,
        wrong > 0);
  }
}
