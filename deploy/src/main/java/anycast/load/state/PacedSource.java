package anycast.load.state;

import anycast.routing.feed.Cells;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.StateSource;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.model.Entity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A source within the process: a whole snapshot, then changes of instances at the rate that is
/// asked for. What is measured is the feed and the table, not a store.
final class PacedSource implements StateSource {
  /// Changes come in as a store would batch them.
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final StateWorld world;
  private final Thread thread = new Thread(this::run, "paced-source");
  private Sink sink;
  private volatile int perSecond;
  private volatile long told;
  private volatile boolean closed;

  PacedSource(StateWorld world) {
    this.world = world;
  }

  /// Changes a second from now on.
  void rate(int perSecond) {
    this.perSecond = perSecond;
  }

  /// How many were told so far; the generation of the last one is one more.
  long told() {
    return told;
  }

  /// The instance that change number `number`, from 1 on, is about.
  int changed(long number) {
    return (int) (number * 2_654_435_761L % world.instances());
  }

  @Override
  public Set<Table> tables() {
    return EnumSet.allOf(Table.class);
  }

  @Override
  public void start(Sink to) {
    sink = to;
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      snapshot();
      long due = System.nanoTime();
      while (!closed) {
        due += SLICE_NANOS;
        for (int i = (int) (perSecond * SLICE_NANOS / TimeUnit.SECONDS.toNanos(1)); i > 0; i--) {
          long number = told + 1;
          int row = changed(number);
          Entity now = world.instance(row, number + 1);
          sink.offer(
              new SourceEvent.Changed(
                  Table.INSTANCES, SourceEvent.Kind.UPDATE, row + 1L, cells(now), number));
          told = number;
        }
        LockSupport.parkNanos(due - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void snapshot() throws InterruptedException {
    Map<Table, Long> rowids = new EnumMap<>(Table.class);
    for (Table table : Table.values()) {
      sink.offer(new SourceEvent.SnapshotBegun(table));
      rowids.put(table, 0L);
    }
    List<InterruptedException> stopped = new ArrayList<>();
    world.each(entity -> {
      Table table = RowCodec.table(entity.key());
      try {
        sink.offer(new SourceEvent.Row(table, rowids.merge(table, 1L, Long::sum), cells(entity)));
      } catch (InterruptedException e) {
        stopped.add(e);
      }
    });
    if (!stopped.isEmpty()) {
      throw stopped.getFirst();
    }
    for (Table table : Table.values()) {
      sink.offer(new SourceEvent.SnapshotEnded(table, new Watermark("paced", "1", 0)));
    }
  }

  private static Cells cells(Entity entity) {
    return new Cells.Values(RowCodec.encode(entity, 1));
  }

  @Override
  public void resnapshot(Table table) {
    throw new IllegalStateException("nothing is ever missing here: " + table);
  }

  @Override
  public void reopen() {
    // there is no socket that could be half open
  }

  @Override
  public Watermark read(Table table, RowSink rows) throws IOException {
    throw new IOException("not while this is measured");
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
