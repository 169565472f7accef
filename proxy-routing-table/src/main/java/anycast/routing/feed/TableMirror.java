package anycast.routing.feed;

import anycast.routing.feed.FeedStatus.SkippedRow;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// What one table holds, by rowid, and which rowid owns each key.
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
/// **Threading.** The follower's.
final class TableMirror {
  /// Where the stream stands.
  enum State {
    WAITING,
    SHADOWING,
    FOLLOWING
  }

  /// Hears what really changed; rows that are equal to what was in force are not told.
  interface Effects {
    void came(Decoded.Usable now);

    void went(Decoded.Usable was);
  }

  /// Whether a change continued the stream.
  enum Continuity {
    CONTINUED,
    /// It is not for us: no snapshot is in force that it could change.
    IGNORED,
    GAP
  }

  private final Table table;
  private State state = State.WAITING;
  private Rows inForce = new Rows();
  private Rows shadow = new Rows();
  private Watermark watermark = Watermark.NONE;

  TableMirror(Table table) {
    this.table = table;
  }

  State state() {
    return state;
  }

  Watermark watermark() {
    return watermark;
  }

  int rowCount() {
    return inForce.owners.size();
  }

  Map<Long, SkippedRow> skipped() {
    return inForce.skipped;
  }

  void onBegun() {
    shadow = new Rows();
    state = State.SHADOWING;
  }

  void onRow(long rowid, Cells cells) {
    if (state == State.SHADOWING) {
      shadow.put(table, rowid, cells, Rows.SILENT);
    }
  }

  /// Puts the snapshot in force and tells what differs.
  ///
  /// @return false where no snapshot had begun
  boolean onEnded(Watermark at, Effects effects) {
    if (state != State.SHADOWING) {
      return false;
    }
    Rows before = inForce;
    inForce = shadow;
    shadow = new Rows();
    watermark = at;
    state = State.FOLLOWING;
    for (Owned now : inForce.owners.values()) {
      Owned was = before.owners.get(now.value().key());
      if (was == null || !was.value().equals(now.value())) {
        effects.came(now.value());
      }
    }
    for (Owned was : before.owners.values()) {
      if (!inForce.owners.containsKey(was.value().key())) {
        effects.went(was.value());
      }
    }
    return true;
  }

  Continuity onChanged(SourceEvent.Changed change, Effects effects) {
    if (state != State.FOLLOWING) {
      return Continuity.IGNORED;
    }
    if (change.position() != watermark.position() + 1) {
      state = State.WAITING;
      return Continuity.GAP;
    }
    watermark = watermark.at(change.position());
    switch (change.kind()) {
      case INSERT, UPDATE -> inForce.put(table, change.rowid(), change.cells(), effects);
      case DELETE -> inForce.remove(change.rowid(), effects);
    }
    return Continuity.CONTINUED;
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

  private record Owned(long rowid, Decoded.Usable value) {}

  private static final class Rows {
    static final Effects SILENT =
        new Effects() {
          @Override
          public void came(Decoded.Usable now) {}

          @Override
          public void went(Decoded.Usable was) {}
        };

    private final Map<Long, Object> keys = new HashMap<>();
    private final Map<Object, Owned> owners = new HashMap<>();
    private final Map<Long, SkippedRow> skipped = new LinkedHashMap<>();

    void put(Table table, long rowid, Cells cells, Effects effects) {
      switch (RowCodec.decode(table, cells)) {
        case Decoded.Usable now -> {
          skipped.remove(rowid);
          own(rowid, now, effects);
        }
        case Decoded.Undecodable(String reason) -> {
          // What the row said before goes too: so a snapshot and the changes that lead to it end
          // in the same table.
          disown(rowid, effects);
          skipped.put(
              rowid,
              new SkippedRow(
                  new FeedId("state", table), RowName.of(table, rowid, cells), reason, false));
        }
      }
    }

    private void own(long rowid, Decoded.Usable now, Effects effects) {
      Object key = now.key();
      Object before = keys.get(rowid);
      if (before != null && !before.equals(key)) {
        disown(rowid, effects);
      }
      keys.put(rowid, key);
      Owned was = owners.put(key, new Owned(rowid, now));
      if (was == null || !was.value().equals(now)) {
        effects.came(now);
      }
    }

    void remove(long rowid, Effects effects) {
      skipped.remove(rowid);
      disown(rowid, effects);
    }

    private void disown(long rowid, Effects effects) {
      Object key = keys.remove(rowid);
      if (key == null) {
        return;
      }
      Owned owned = owners.get(key);
      if (owned != null && owned.rowid() == rowid) {
        owners.remove(key);
        effects.went(owned.value());
      }
    }
  }
}
