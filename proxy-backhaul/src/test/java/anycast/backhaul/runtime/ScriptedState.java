package anycast.backhaul.runtime;

import anycast.routing.feed.Cells;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.StateSource;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.model.Entity;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A source whose rows the test sets; it streams them when it is told to.
final class ScriptedState implements StateSource {
  final BlockingQueue<Table> resnapshots = new LinkedBlockingQueue<>();
  private final Map<Table, Map<Entity.Key, Entity>> rows = new EnumMap<>(Table.class);
  private final Map<Entity.Key, Long> rowids = new LinkedHashMap<>();
  private final Map<Table, Long> positions = new EnumMap<>(Table.class);
  private Sink sink;

  ScriptedState() {
    for (Table table : Table.values()) {
      rows.put(table, new LinkedHashMap<>());
    }
  }

  @Override
  public Set<Table> tables() {
    return EnumSet.allOf(Table.class);
  }

  @Override
  public void start(Sink to) {
    sink = to;
  }

  /// Every table as it is.
  void snapshots() throws InterruptedException {
    for (Table table : Table.values()) {
      snapshot(table);
    }
  }

  synchronized void snapshot(Table table) throws InterruptedException {
    sink.offer(new SourceEvent.SnapshotBegun(table));
    for (Entity row : rows.get(table).values()) {
      sink.offer(new SourceEvent.Row(table, rowid(row), cells(row)));
    }
    sink.offer(new SourceEvent.SnapshotEnded(table, at(table)));
  }

  /// Sets a row without telling.
  synchronized void set(Entity row) {
    rows.get(RowCodec.table(row.key())).put(row.key(), row);
  }

  /// Takes a row away without telling.
  synchronized void unset(Entity row) {
    rows.get(RowCodec.table(row.key())).remove(row.key());
  }

  synchronized void put(Entity row) throws InterruptedException {
    set(row);
    change(SourceEvent.Kind.UPDATE, row);
  }

  synchronized void remove(Entity row) throws InterruptedException {
    unset(row);
    change(SourceEvent.Kind.DELETE, row);
  }

  void say(SourceEvent event) throws InterruptedException {
    sink.offer(event);
  }

  private void change(SourceEvent.Kind kind, Entity row) throws InterruptedException {
    Table table = RowCodec.table(row.key());
    long position = positions.merge(table, 1L, Long::sum);
    sink.offer(new SourceEvent.Changed(table, kind, rowid(row), cells(row), position));
  }

  @Override
  public void resnapshot(Table table) {
    resnapshots.add(table);
  }

  @Override
  public void reopen() {}

  @Override
  public synchronized Watermark read(Table table, RowSink to) {
    rows.get(table).values().forEach(row -> to.row(rowid(row), cells(row)));
    return at(table);
  }

  @Override
  public void close() {}

  private long rowid(Entity row) {
    return rowids.computeIfAbsent(row.key(), _ -> (long) rowids.size() + 1);
  }

  private Watermark at(Table table) {
    return new Watermark("http://agent", "sub", positions.getOrDefault(table, 0L));
  }

  private static Cells cells(Entity row) {
    return new Cells.Values(List.copyOf(RowCodec.encode(row, 0)));
  }
}
