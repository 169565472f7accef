package anycast.backhaul.runtime;

import anycast.backhaul.fault.FaultKind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// One loop's counts, on cache lines of its own.
///
/// **Threading.** A loop's cell: confined to that loop, which alone adds; others read values that
/// are whole and at most a moment old. The shared cell: any thread adds, atomically.
public final class CounterCell {
  /// Two cache lines of longs on either side: neighbours in memory, also those that the prefetcher
  /// pairs, do not share a line with the counts.
  private static final int PAD = 16;

  private static final int COUNTERS = Counter.values().length;
  private static final int FAULTS = FaultKind.values().length;
  private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] cells = new long[PAD + COUNTERS + FAULTS + PAD];
  private final boolean shared;

  CounterCell(boolean shared) {
    this.shared = shared;
  }

  public void add(Counter counter) {
    addAt(PAD + counter.ordinal(), 1);
  }

  public void add(Counter counter, long count) {
    addAt(PAD + counter.ordinal(), count);
  }

  /// Counts one exchange that ended so.
  public void fault(FaultKind kind) {
    addAt(PAD + COUNTERS + kind.ordinal(), 1);
  }

  long value(Counter counter) {
    return (long) CELLS.getOpaque(cells, PAD + counter.ordinal());
  }

  long value(FaultKind kind) {
    return (long) CELLS.getOpaque(cells, PAD + COUNTERS + kind.ordinal());
  }

  private void addAt(int index, long count) {
    if (shared) {
      CELLS.getAndAdd(cells, index, count);
    } else {
      // Opaque: no reader sees half a long or an old one for ever; a plain add costs no bus lock.
      CELLS.setOpaque(cells, index, cells[index] + count);
    }
  }
}
