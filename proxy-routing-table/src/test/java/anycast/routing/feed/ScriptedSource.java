package anycast.routing.feed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A source that says what the test tells it.
final class ScriptedSource implements StateSource {
  final BlockingQueue<Table> resnapshots = new LinkedBlockingQueue<>();
  private Sink sink;

  @Override
  public Set<Table> tables() {
    return EnumSet.allOf(Table.class);
  }

  @Override
  public void reopen() {
    throw new AssertionError("nothing is silent here");
  }

  @Override
  public Watermark read(Table table, RowSink rows) {
    throw new AssertionError("no audit was asked for");
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
    List<Table> others = new ArrayList<>(List.of(Table.values()));
    others.removeAll(List.of(filled));
    for (Table table : others) {
      begin(table);
      end(table, 0);
    }
  }

  private static Cells values(Object... cells) {
    return new Cells.Values(Arrays.asList(cells));
  }

  @Override
  public void resnapshot(Table table) {
    resnapshots.add(table);
  }

  @Override
  public void close() {}
}
