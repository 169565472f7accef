package anycast.routing.feed;

import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A feed core with a table, a clock and requests that the test sees.
final class CoreRig implements Requests {
  static final FeedId APPS = new FeedId("one", Table.APPS);
  static final FeedId BEATS = new FeedId("one", Table.BEATS);

  /// By the key's text.
  final Map<String, Entity> table = new TreeMap<>();

  final List<FeedId> resnapshots = new ArrayList<>();
  final List<String> reopened = new ArrayList<>();
  final FeedCore core;
  int deltas;
  int audits;
  private long millis = 1_000_000;

  CoreRig(FeedId... feeds) {
    this(FeedLimits.STANDARD, feeds);
  }

  CoreRig(FeedLimits limits, FeedId... feeds) {
    core =
        new FeedCore(List.of(feeds), limits, this::publish, this, new SplittableRandom(1), now());
  }

  private Publication.Published publish(Delta delta) {
    for (Change change : delta.changes()) {
      switch (change) {
        case Change.Put(Entity entity) -> table.put(RowName.of(entity.key()), entity);
        case Change.Remove(Entity.Key key) -> table.remove(RowName.of(key));
      }
    }
    return Publication.Published.whole(++deltas);
  }

  Moment now() {
    return new Moment(millis * 1_000_000, millis);
  }

  /// Time passes and the core ticks.
  void pass(Duration time) {
    millis += time.toMillis();
    core.onTick(now());
  }

  void tell(FeedId feed, SourceEvent... events) {
    core.onEvents(Arrays.stream(events).map(event -> new Arrival(feed, event)).toList(), now());
  }

  void snapshot(FeedId feed, Object[]... rows) {
    snapshot(feed, "s", rows);
  }

  /// A whole snapshot of position 0; rowids count from 1.
  void snapshot(FeedId feed, String stream, Object[]... rows) {
    snapshot(feed, OptionalLong.empty(), stream, rows);
  }

  /// @param askedNanos empty = now
  void snapshot(FeedId feed, OptionalLong askedNanos, String stream, Object[]... rows) {
    tell(feed, new SourceEvent.SnapshotBegun(feed.table(), askedNanos));
    for (int i = 0; i < rows.length; i++) {
      tell(feed, new SourceEvent.Row(feed.table(), i + 1, cells(rows[i])));
    }
    tell(feed, new SourceEvent.SnapshotEnded(feed.table(), new Watermark("src", stream, 0)));
  }

  void change(FeedId feed, SourceEvent.Kind kind, long position, long rowid, Object... cells) {
    tell(feed, new SourceEvent.Changed(feed.table(), kind, rowid, cells(cells), position));
  }

  void lose(FeedId feed) {
    tell(feed, new SourceEvent.Lost(feed.table(), "the test says so"));
  }

  /// Apps `from` to `to` of a generation.
  static Object[][] apps(int from, int to, long generation) {
    Object[][] rows = new Object[to - from + 1][];
    for (int i = from; i <= to; i++) {
      rows[i - from] = new Object[] {"app" + i, generation};
    }
    return rows;
  }

  static Object[][] together(Object[][]... parts) {
    return Arrays.stream(parts).flatMap(Arrays::stream).toArray(Object[][]::new);
  }

  static Object[] row(Object... cells) {
    return cells;
  }

  static Cells cells(Object... cells) {
    return new Cells.Values(Arrays.asList(cells));
  }

  FeedStatus status() {
    return core.status(now());
  }

  FeedStatus.TableStatus status(FeedId feed) {
    return status().tables().stream().filter(t -> t.feed().equals(feed)).findFirst().orElseThrow();
  }

  List<ChangeRecord> changes() {
    return core.changes().since(0).records();
  }

  @Override
  public void resnapshot(FeedId feed) {
    resnapshots.add(feed);
  }

  @Override
  public void reopen(String source) {
    reopened.add(source);
  }

  @Override
  public void audit() {
    audits++;
  }
}
