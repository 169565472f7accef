package anycast.routing.feed;

import anycast.routing.document.DocumentReading;
import anycast.routing.feed.FeedStatus.SkippedRow;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/// What one feed holds, by rowid, and which rowid owns each key.
///
/// ```
///            begun              ended                changed, position + 1
///  WAITING ────────► SHADOWING ────────► FOLLOWING ◄──────────┐
///     ▲                  │ lost              │  └─────────────┘
///     └──────────────────┴───────────────────┘ gap
/// ```
///
/// A stream that is lost while following may resume, so it stays `FOLLOWING`. What is in force
/// stays in force in every state; only a complete snapshot or a change replaces it.
///
/// A key may have two rowids for a while: a row that was deleted and came back arrives as an insert
/// of the new rowid before the delete of the old one. The last insert owns the key; a delete
/// removes only what its own rowid owns.
///
/// A row that cannot be decoded keeps the version before it: the one of its rowid in this stream,
/// else the one of its key where the key is legible. In a snapshot the key comes first, because a
/// rowid of another stream is another row.
///
/// **Threading.** The core's. **Limits.** A shadow holds no second copy of rows that are equal to
/// what is in force: it costs 32 bytes a row.
final class TableMirror {
  /// Where the stream stands.
  enum State {
    WAITING,
    SHADOWING,
    FOLLOWING
  }

  /// Hears what happens to keys. What readers see is up to the listener: another feed may hold the
  /// key too.
  interface Effects {
    /// The row that is in force under a key though no feed holds it; null = none.
    Object retained(Object key);

    /// @param before what this feed had under the key; null = nothing
    void put(Object before, Object now);

    void removed(Object before);
  }

  /// Whether a change continued the stream.
  enum Continuity {
    CONTINUED,
    /// It is not for us: no snapshot is in force that it could change.
    IGNORED,
    GAP
  }

  private static final class Rows {
    final RowStore store = new RowStore();
    final Map<Long, SkippedRow> named = new LinkedHashMap<>();
  }

  private final FeedId feed;
  private final Interned shared;
  private final DocumentReading documents;
  private State state = State.WAITING;
  private Rows inForce = new Rows();
  private Rows shadow = new Rows();
  private Watermark watermark = Watermark.NONE;

  TableMirror(FeedId feed, Interned shared, DocumentReading documents) {
    this.feed = feed;
    this.shared = shared;
    this.documents = documents;
  }

  State state() {
    return state;
  }

  Watermark watermark() {
    return watermark;
  }

  RowStore rows() {
    return inForce.store;
  }

  Collection<SkippedRow> skipped() {
    return inForce.named.values();
  }

  void onBegun() {
    shadow = new Rows();
    state = State.SHADOWING;
  }

  void onRow(long rowid, Cells cells, Effects effects) {
    if (state != State.SHADOWING) {
      return;
    }
    switch (RowCodec.decode(feed.table(), cells, shared, documents)) {
      case Decoded.Usable usable -> {
        Object value = RowStore.value(usable);
        Object known = known(usable.key(), effects);
        put(shadow, rowid, value.equals(known) ? known : value, null);
      }
      case Decoded.Undecodable(String reason) -> {
        Object key = RowCodec.key(feed.table(), cells);
        Object known = key == null ? null : known(key, effects);
        int slot = shadow.store.slotOf(rowid);
        if (slot == RowStore.NONE) {
          slot = shadow.store.add(rowid, known == null ? RowStore.NOTHING : known);
        }
        skip(shadow, slot, cells, reason);
      }
    }
  }

  private Object known(Object key, Effects effects) {
    Object known = inForce.store.find(key);
    return known == null ? effects.retained(key) : known;
  }

  /// Makes the shadow what this feed holds.
  ///
  /// @return what it held before; null where no snapshot had begun
  RowStore onEnded(Watermark at) {
    if (state != State.SHADOWING) {
      return null;
    }
    Rows before = inForce;
    if (at.stream().equals(watermark.stream()) && at.source().equals(watermark.source())) {
      keepIllegible(before);
    }
    inForce = shadow;
    shadow = new Rows();
    watermark = at;
    state = State.FOLLOWING;
    return before.store;
  }

  /// Within one stream a rowid is one row, also where its key cannot be read.
  private void keepIllegible(Rows before) {
    RowStore rows = shadow.store;
    for (int slot = 0; slot < rows.end(); slot++) {
      if (rows.value(slot) == RowStore.NOTHING) {
        int old = before.store.slotOf(rows.rowid(slot));
        Object value = old == RowStore.NONE ? RowStore.NOTHING : before.store.value(old);
        if (value != RowStore.NOTHING && rows.find(RowStore.key(value)) == null) {
          rows.set(slot, value);
          rename(shadow, slot);
        }
      }
    }
  }

  /// @param outdated versions that are not worth reading
  Continuity onChanged(SourceEvent.Changed change, Outdated outdated, Effects effects) {
    if (state != State.FOLLOWING) {
      return Continuity.IGNORED;
    }
    if (change.position() != watermark.position() + 1) {
      state = State.WAITING;
      return Continuity.GAP;
    }
    watermark = watermark.at(change.position());
    switch (change.kind()) {
      case INSERT, UPDATE -> upsert(change, outdated, effects);
      case DELETE -> remove(change.rowid(), effects);
    }
    return Continuity.CONTINUED;
  }

  private void upsert(SourceEvent.Changed change, Outdated outdated, Effects effects) {
    if (outdated.has(change)) {
      return;
    }
    switch (RowCodec.decode(feed.table(), change.cells(), shared, documents)) {
      case Decoded.Usable usable -> put(inForce, change.rowid(), RowStore.value(usable), effects);
      case Decoded.Undecodable(String reason) -> {
        putFirstUsable(outdated.before(change), effects);
        garbled(change.rowid(), change.cells(), reason, effects);
      }
    }
  }

  private void putFirstUsable(Iterable<SourceEvent.Changed> versions, Effects effects) {
    for (SourceEvent.Changed version : versions) {
      if (RowCodec.decode(feed.table(), version.cells(), shared, documents)
          instanceof Decoded.Usable usable) {
        put(inForce, version.rowid(), RowStore.value(usable), effects);
        return;
      }
    }
  }

  private void garbled(long rowid, Cells cells, String reason, Effects effects) {
    RowStore rows = inForce.store;
    int slot = rows.slotOf(rowid);
    if (slot == RowStore.NONE) {
      Object key = RowCodec.key(feed.table(), cells);
      Object own = key == null ? null : rows.find(key);
      Object known = key == null || own != null ? own : effects.retained(key);
      slot = rows.add(rowid, known == null ? RowStore.NOTHING : known);
      if (known != null && own == null) {
        effects.put(null, known);
      }
    }
    skip(inForce, slot, cells, reason);
  }

  /// @param effects null where nobody is to know yet
  private static void put(Rows rows, long rowid, Object value, Effects effects) {
    RowStore store = rows.store;
    Object key = RowStore.key(value);
    int slot = store.slotOf(rowid);
    if (slot != RowStore.NONE) {
      Object was = store.value(slot);
      if (was != RowStore.NOTHING && !RowStore.key(was).equals(key) && store.owns(slot)) {
        store.disown(slot);
        if (effects != null) {
          effects.removed(was);
        }
      }
    }
    Object before = effects == null ? null : store.find(key);
    if (slot == RowStore.NONE) {
      store.add(rowid, value);
    } else {
      forgive(rows, slot);
      store.set(slot, value);
    }
    if (effects != null) {
      effects.put(before, value);
    }
  }

  private void remove(long rowid, Effects effects) {
    RowStore rows = inForce.store;
    int slot = rows.slotOf(rowid);
    if (slot == RowStore.NONE) {
      return;
    }
    forgive(inForce, slot);
    Object value = rows.value(slot);
    boolean owned = rows.owns(slot);
    if (owned) {
      rows.disown(slot);
    }
    rows.remove(slot);
    if (owned) {
      effects.removed(value);
    }
  }

  private void skip(Rows rows, int slot, Cells cells, String reason) {
    long rowid = rows.store.rowid(slot);
    rows.store.skipped(slot, true);
    if (rows.named.size() < FeedStatus.MAX_NAMED_ROWS || rows.named.containsKey(rowid)) {
      boolean serves = rows.store.value(slot) != RowStore.NOTHING;
      String name = RowName.of(feed.table(), rowid, cells);
      rows.named.put(rowid, new SkippedRow(feed, name, reason, serves));
    }
  }

  private static void rename(Rows rows, int slot) {
    rows.named.computeIfPresent(
        rows.store.rowid(slot),
        (_, row) -> new SkippedRow(row.feed(), row.row(), row.reason(), true));
  }

  private static void forgive(Rows rows, int slot) {
    if (rows.store.isSkipped(slot)) {
      rows.store.skipped(slot, false);
      rows.named.remove(rows.store.rowid(slot));
    }
  }

  /// A snapshot in progress is void.
  void onLost() {
    if (state == State.SHADOWING) {
      shadow = new Rows();
      state = State.WAITING;
    }
  }

  /// Forgets where the stream stands, so that only a snapshot can continue it.
  void distrust() {
    shadow = new Rows();
    state = State.WAITING;
  }
}
