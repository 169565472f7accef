package anycast.routing.feed;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Rows in force that no stream vouches for, and what they wait for.
///
/// ```
///            first snapshot of all feeds         a snapshot of each, asked for `confirm` later
///  UNHEARD ─────────────────────────────► HELD ──────────────────────────────────────► gone
///  (last-good)                             ▲ a snapshot lacks too much     operator ──► gone
/// ```
///
/// **Threading.** The core's.
final class Retained {
  private final List<FeedId> feeds;
  private final Set<FeedId> waiting = new LinkedHashSet<>();
  private RowStore rows = new RowStore();
  private long added;
  private boolean held;
  private long sinceNanos;
  private long sinceMillis;
  private long askedNanos;

  /// @param feeds whose snapshots decide
  Retained(List<FeedId> feeds) {
    this.feeds = feeds;
  }

  RowStore rows() {
    return rows;
  }

  boolean isEmpty() {
    return rows.keyCount() == 0;
  }

  /// Whether a snapshot lacked these rows and was not believed.
  boolean held() {
    return held;
  }

  long sinceMillis() {
    return sinceMillis;
  }

  void add(Object value) {
    rows.add(added++, value);
  }

  /// As [#add], unless the value's key is here already.
  ///
  /// @return whether it was added
  boolean addNew(Object value) {
    return rows.addNew(added++, value);
  }

  /// A row came back.
  ///
  /// @return what was retained of it; null = nothing
  Object remove(Object key) {
    int slot = isEmpty() ? RowStore.NONE : rows.slotOf(key);
    if (slot == RowStore.NONE) {
      return null;
    }
    Object value = rows.value(slot);
    rows.disown(slot);
    rows.remove(slot);
    if (isEmpty()) {
      clear();
    }
    return value;
  }

  /// Nothing is retained any more.
  void clear() {
    rows = new RowStore();
    waiting.clear();
    held = false;
  }

  /// From now on a second snapshot is waited for.
  void hold(Moment now) {
    held = true;
    sinceNanos = now.nanos();
    sinceMillis = now.millis();
    askedNanos = now.nanos();
    waiting.clear();
    waiting.addAll(feeds);
  }

  void since(Moment now) {
    sinceMillis = now.millis();
  }

  /// A snapshot of this feed lacks these rows.
  ///
  /// @param askedNanos when the snapshot was asked for: one that was held up on its way may be as
  ///   old as the one that began this
  /// @return whether that was the last one waited for
  boolean confirmed(FeedId feed, long askedNanos, long confirmNanos) {
    if (!held || isEmpty() || askedNanos - sinceNanos < confirmNanos) {
      return false;
    }
    waiting.remove(feed);
    return waiting.isEmpty();
  }

  /// Asks for the snapshots that are still to come, once they could decide, and again if none came.
  void ask(Moment now, long confirmNanos, Consumer<FeedId> asked) {
    if (held && !isEmpty() && now.nanos() - askedNanos >= confirmNanos) {
      askedNanos = now.nanos();
      waiting.forEach(asked);
    }
  }
}
