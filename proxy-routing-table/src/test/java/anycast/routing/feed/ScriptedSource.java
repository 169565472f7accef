package anycast.routing.feed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/// A source that says what the test tells it.
final class ScriptedSource implements StateSource {
  final BlockingQueue<Table> resnapshots = new LinkedBlockingQueue<>();
  final BlockingQueue<String> reopenings = new LinkedBlockingQueue<>();

  /// What a reading of a table finds; a table that is not here cannot be read.
  final Map<Table, List<Cells>> readable = new ConcurrentHashMap<>();

  private final Set<Table> tables;
  private Sink sink;

  ScriptedSource() {
    this(EnumSet.allOf(Table.class));
  }

  ScriptedSource(Set<Table> tables) {
    this.tables = tables;
  }

  @Override
  public Set<Table> tables() {
    return tables;
  }

  @Override
  public void reopen() {
    reopenings.add("reopened");
  }

  @Override
  public Watermark read(Table table, RowSink rows) throws IOException {
    List<Cells> found = readable.get(table);
    if (found == null) {
      throw new IOException("the script has no " + table.label());
    }
    for (int i = 0; i < found.size(); i++) {
      rows.row(i + 1, found.get(i));
    }
    return new Watermark("script", "", 0);
  }

  @Override
  public void start(Sink to) {
    sink = to;
  }

  void begin(Table table) throws InterruptedException {
    sink.offer(new SourceEvent.SnapshotBegun(table));
  }

  void row(Table table, long rowid, Object... cells) throws InterruptedException {
    sink.offer(new SourceEvent.Row(table, rowid, values(cells)));
  }

  void end(Table table, long position) throws InterruptedException {
    sink.offer(new SourceEvent.SnapshotEnded(table, new Watermark("script", "s", position)));
  }

  void change(SourceEvent.Kind kind, long position, Table table, long rowid, Object... cells)
      throws InterruptedException {
    sink.offer(new SourceEvent.Changed(table, kind, rowid, values(cells), position));
  }

  void lose(Table table) throws InterruptedException {
    sink.offer(new SourceEvent.Lost(table, "the script says so"));
  }

  void resume(Table table) throws InterruptedException {
    sink.offer(new SourceEvent.Resumed(table));
  }

  /// All tables but this one are empty and complete.
  void emptyBut(Table... filled) throws InterruptedException {
    List<Table> others = new ArrayList<>(tables);
    others.removeAll(List.of(filled));
    for (Table table : others) {
      begin(table);
      end(table, 0);
    }
  }

  static Cells values(Object... cells) {
    return new Cells.Values(Arrays.asList(cells));
  }

  @Override
  public void resnapshot(Table table) {
    resnapshots.add(table);
  }

  @Override
  public void close() {}
}
