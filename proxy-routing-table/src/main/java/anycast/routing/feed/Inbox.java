package anycast.routing.feed;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// What sources have said and the writer has not taken.
///
/// **Threading.** Any thread puts, and waits while there is no room; one takes. **Limits.** Events,
/// and the characters of large ones: a row is mostly below 1 kB and a document up to 4 MB, of which
/// some hundred would be all the memory there is.
final class Inbox {
  /// Enough to keep the writer busy while source threads read on.
  private static final int MAX_EVENTS = 1024;

  /// Events that share one published snapshot: bounds how long a change waits for its neighbours.
  private static final int BATCH_EVENTS = 512;

  /// Smaller events are bounded by their number alone.
  private static final int LARGE_CHARS = 4_096;

  /// One document of the largest, or as much as all small events.
  static final int MAX_CHARS = 4 << 20;

  /// A batch is read as a whole before it is in force; what is read of a character is 10 bytes.
  static final int BATCH_CHARS = 1 << 20;

  /// Ends the writer's wait.
  private static final Arrival WAKE = new Arrival(null, null);

  private final BlockingQueue<Arrival> queue = new ArrayBlockingQueue<>(MAX_EVENTS);

  /// Fair: a large document needs all of it at once.
  private final Semaphore room = new Semaphore(MAX_CHARS, true);

  void put(Arrival arrival) throws InterruptedException {
    int chars = chars(arrival.event());
    room.acquire(chars);
    boolean put = false;
    try {
      queue.put(arrival);
      put = true;
    } finally {
      room.release(put ? 0 : chars);
    }
  }

  /// Ends the wait in [#take], or the next one; never waits.
  void wake() {
    // Where the queue is full, the writer comes by in any case.
    boolean _ = queue.offer(WAKE);
  }

  /// Waits for something and takes as much as is one batch.
  ///
  /// @param batch what is taken is added to; nothing where nothing came in time, or [#wake] did
  void take(List<Arrival> batch, long nanos) throws InterruptedException {
    int chars = 0;
    Arrival next = queue.poll(nanos, TimeUnit.NANOSECONDS);
    while (next != null) {
      if (next != WAKE) {
        batch.add(next);
        int own = chars(next.event());
        room.release(own);
        chars += own;
      }
      next = batch.size() < BATCH_EVENTS && chars < BATCH_CHARS ? queue.poll() : null;
    }
  }

  /// What an event takes of the room.
  private static int chars(SourceEvent event) {
    long chars =
        switch (event) {
          case SourceEvent.Row(_, _, Cells cells) -> chars(cells);
          case SourceEvent.Changed changed -> chars(changed.cells());
          case SourceEvent.Together(_, List<SourceEvent.Changed> changes) ->
              changes.stream().mapToLong(changed -> chars(changed.cells())).sum();
          case SourceEvent.SnapshotBegun _,
              SourceEvent.SnapshotEnded _,
              SourceEvent.Resumed _,
              SourceEvent.Lost _ ->
              0;
        };
    return chars <= LARGE_CHARS ? 0 : (int) Math.min(chars, MAX_CHARS);
  }

  private static long chars(Cells cells) {
    List<Object> values =
        switch (cells) {
          case Cells.Values(List<Object> all) -> all;
          case Cells.Unreadable(_, List<Object> first) -> first;
        };
    long chars = 0;
    for (Object value : values) {
      chars += value instanceof String text ? text.length() : 0;
    }
    return chars;
  }
}
