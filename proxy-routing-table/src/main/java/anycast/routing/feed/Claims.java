package anycast.routing.feed;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// What readers are to see of one table: which feed's row stands for each key, and which rows stay
/// though no feed holds them.
///
/// Of several feeds that hold a key, the one that put it last owns it. When the owner lets go, the
/// key falls to another one that holds it, so that the outcome is the same as if the owner had
/// never had it. A row that no feed holds is either gone or retained, and a key that is put is
/// retained no more.
///
/// **Threading.** The core's.
final class Claims {
  /// Hears what readers are to see from now on.
  interface Verdicts {
    /// @param before null = nothing; not both are
    /// @param after null = nothing
    void changed(Object before, Object after);

    /// Something happened to a row, though perhaps readers see the same as before.
    void stirred(Table table, Object key);
  }

  private final Table table;
  private final FeedLimits limits;
  private final Verdicts verdicts;
  private final List<TableMirror> mirrors = new ArrayList<>();
  private final List<FeedId> feeds = new ArrayList<>();
  private final List<Retained> withheld = new ArrayList<>();

  /// Feeds whose snapshots were heard at least once.
  private final Set<FeedId> heard = new HashSet<>();

  /// Keys that more than one feed holds, with the owner's index.
  private final Map<Object, Integer> contested = new HashMap<>();

  private final Retained lastGood = new Retained(feeds);
  private int preloaded;

  Claims(Table table, FeedLimits limits, Verdicts verdicts) {
    this.table = table;
    this.limits = limits;
    this.verdicts = verdicts;
  }

  /// @return what the mirror is to tell
  TableMirror.Effects add(FeedId feed, TableMirror mirror) {
    int index = mirrors.size();
    mirrors.add(mirror);
    feeds.add(feed);
    withheld.add(new Retained(List.of(feed)));
    return new TableMirror.Effects() {
      @Override
      public Object retained(Object key) {
        return Claims.this.retained(key);
      }

      @Override
      public void put(Object before, Object now) {
        Claims.this.put(index, before, now);
      }

      @Override
      public void removed(Object before) {
        Claims.this.removed(index, before);
      }
    };
  }

  /// What readers are to see under a key; null = nothing.
  Object inForce(Object key) {
    Integer owner = contested.isEmpty() ? null : contested.get(key);
    if (owner != null) {
      return mirrors.get(owner).rows().find(key);
    }
    for (TableMirror mirror : mirrors) {
      Object value = mirror.rows().find(key);
      if (value != null) {
        return value;
      }
    }
    return retained(key);
  }

  /// All stores that may hold what readers see: the mirrors', then the retained rows'.
  List<RowStore> stores() {
    List<RowStore> stores = new ArrayList<>();
    mirrors.forEach(mirror -> stores.add(mirror.rows()));
    withheld.forEach(rows -> stores.add(rows.rows()));
    stores.add(lastGood.rows());
    return stores;
  }

  private Object retained(Object key) {
    Object value = lastGood.rows().find(key);
    for (int i = 0; value == null && i < withheld.size(); i++) {
      value = withheld.get(i).rows().find(key);
    }
    return value;
  }

  private Object unretained(Object key) {
    Object value = lastGood.remove(key);
    for (int i = 0; value == null && i < withheld.size(); i++) {
      value = withheld.get(i).remove(key);
    }
    return value;
  }

  private int otherHolder(int index, Object key) {
    for (int i = 0; i < mirrors.size(); i++) {
      if (i != index && mirrors.get(i).rows().find(key) != null) {
        return i;
      }
    }
    return -1;
  }

  private void put(int index, Object ownBefore, Object now) {
    Object key = RowStore.key(now);
    Object before = ownBefore;
    if (mirrors.size() > 1) {
      int other = otherHolder(index, key);
      if (other >= 0) {
        Integer owner = contested.put(key, index);
        if (owner == null || owner != index) {
          before = mirrors.get(owner == null ? other : owner).rows().find(key);
        }
      }
    }
    if (before == null) {
      before = unretained(key);
    }
    verdicts.stirred(table, key);
    if (!now.equals(before)) {
      verdicts.changed(before, now);
    }
  }

  private void removed(int index, Object ownBefore) {
    Object key = RowStore.key(ownBefore);
    verdicts.stirred(table, key);
    Integer owner = contested.isEmpty() ? null : contested.remove(key);
    if (owner == null) {
      verdicts.changed(ownBefore, null);
      return;
    }
    int heir = owner == index ? otherHolder(index, key) : owner;
    if (otherHolder(heir, key) >= 0) {
      contested.put(key, heir);
    }
    Object after = mirrors.get(heir).rows().find(key);
    if (owner == index && !after.equals(ownBefore)) {
      verdicts.changed(ownBefore, after);
    }
  }

  /// Puts a feed's new snapshot in force: what came and changed at once and first, then what went,
  /// unless that is too much to be believed.
  ///
  /// @param was what the feed held before; its mirror holds the new rows already
  /// @param askedNanos when it was asked for
  void onSnapshot(FeedId feed, RowStore was, long askedNanos, Moment now) {
    int index = feeds.indexOf(feed);
    RowStore is = mirrors.get(index).rows();
    int kept = 0;
    AppOrder differing = new AppOrder();
    for (int slot = 0; slot < is.end(); slot++) {
      if (is.owns(slot)) {
        Object before = was.findKeyOf(is, slot);
        Object value = is.value(slot);
        kept += before == null ? 0 : 1;
        if (before == null || before != value && !before.equals(value)) {
          differing.add(slot, value);
        }
      }
    }
    differing.settle();
    for (int i = 0; i < differing.count(); i++) {
      int slot = differing.index(i);
      put(index, was.findKeyOf(is, slot), is.value(slot));
    }
    Retained mine = withheld.get(index);
    if (mine.confirmed(feed, askedNanos, limits.confirm().toNanos())) {
      drop(mine);
    }
    int missing = was.keyCount() - kept;
    boolean tooMuch =
        missing > 0
            && guarded(missing + mine.rows().keyCount(), was.keyCount() + mine.rows().keyCount());
    AppOrder gone = new AppOrder();
    for (int slot = 0; missing > 0 && slot < was.end(); slot++) {
      if (was.owns(slot) && is.findKeyOf(was, slot) == null) {
        gone.add(slot, was.value(slot));
      }
    }
    gone.settle();
    for (int i = 0; i < gone.count(); i++) {
      miss(index, was.value(gone.index(i)), tooMuch);
    }
    if (tooMuch && !mine.isEmpty()) {
      mine.hold(now);
    }
    heard.add(feed);
    judgeLastGood(feed, askedNanos, now);
  }

  private void miss(int index, Object value, boolean tooMuch) {
    Object key = RowStore.key(value);
    if (tooMuch && otherHolder(index, key) < 0) {
      withheld.get(index).add(value);
      verdicts.stirred(table, key);
    } else {
      removed(index, value);
    }
  }

  /// What is no part of what is served may be lost: it harms nobody. A table of which nothing is
  /// left harms everybody, however few rows it had: a thousand apps may run on three nodes.
  private boolean guarded(int missing, int before) {
    return table.isRouted()
        && missing > limits.guardFraction() * before
        && (before >= limits.guardLeastRows() || missing == before);
  }

  private void judgeLastGood(FeedId feed, long askedNanos, Moment now) {
    if (lastGood.isEmpty() || heard.size() < feeds.size()) {
      return;
    }
    if (lastGood.held()) {
      if (lastGood.confirmed(feed, askedNanos, limits.confirm().toNanos())) {
        drop(lastGood);
      }
    } else if (guarded(lastGood.rows().keyCount(), preloaded)) {
      lastGood.hold(now);
    } else {
      drop(lastGood);
    }
  }

  /// @return rows that went
  private int drop(Retained retained) {
    RowStore rows = retained.rows();
    int count = rows.keyCount();
    retained.clear();
    AppOrder gone = new AppOrder();
    for (int slot = 0; slot < rows.end(); slot++) {
      if (rows.value(slot) != null) {
        gone.add(slot, rows.value(slot));
      }
    }
    gone.settle();
    for (int i = 0; i < gone.count(); i++) {
      Object value = rows.value(gone.index(i));
      verdicts.stirred(table, RowStore.key(value));
      verdicts.changed(value, null);
    }
    return count;
  }

  /// Puts a row that was saved in force, before any feed spoke.
  void preload(Object value, Moment now) {
    if (lastGood.addNew(value)) {
      lastGood.since(now);
      preloaded++;
      verdicts.changed(null, value);
    }
  }

  /// @return rows that went
  int accept(Optional<FeedId> feed) {
    int count = 0;
    for (int i = 0; i < feeds.size(); i++) {
      if (feed.isEmpty() || feed.get().equals(feeds.get(i))) {
        count += drop(withheld.get(i));
      }
    }
    boolean ours = feed.isEmpty() || feeds.contains(feed.get());
    return ours && lastGood.held() ? count + drop(lastGood) : count;
  }

  void ask(Moment now, Consumer<FeedId> asked) {
    long confirmNanos = limits.confirm().toNanos();
    withheld.forEach(rows -> rows.ask(now, confirmNanos, asked));
    lastGood.ask(now, confirmNanos, asked);
  }

  /// What is retained because of a feed, for an operator; what was read from disk is shown with the
  /// table's first one.
  Optional<FeedStatus.Retained> retained(FeedId feed) {
    int index = feeds.indexOf(feed);
    String savedWhy =
        lastGood.held()
            ? "read from disk, and the first snapshot lacks them"
            : "read from disk, and the source has not spoken yet";
    return Stream.of(
            shown(withheld.get(index), "the last snapshot lacks them"),
            index == 0 ? shown(lastGood, savedWhy) : Optional.<FeedStatus.Retained>empty())
        .flatMap(Optional::stream)
        .reduce(Claims::together);
  }

  private Optional<FeedStatus.Retained> shown(Retained retained, String why) {
    if (retained.isEmpty()) {
      return Optional.empty();
    }
    long until = retained.held() ? retained.sinceMillis() + limits.confirm().toMillis() : 0;
    return Optional.of(
        new FeedStatus.Retained(retained.rows().keyCount(), why, retained.sinceMillis(), until));
  }

  private static FeedStatus.Retained together(FeedStatus.Retained one, FeedStatus.Retained other) {
    return new FeedStatus.Retained(
        one.rows() + other.rows(),
        one.why() + "; " + other.why(),
        Math.min(one.sinceMillis(), other.sinceMillis()),
        Math.max(one.untilMillis(), other.untilMillis()));
  }
}
