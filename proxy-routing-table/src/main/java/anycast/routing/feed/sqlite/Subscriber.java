package anycast.routing.feed.sqlite;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One reader's bounded queue of what happens while it reads.
///
/// **Threading.** The matching thread offers and never waits: where the queue is full the reader is
/// cut. One connection's thread takes. A lock, held for a few list operations; the taker has to
/// sleep somewhere.
///
/// **Limits.** Lines and bytes in the queue. One batch may go beyond, so that a transaction that
/// alone is larger does not cut readers that keep up. Batches are shared by all readers.
final class Subscriber implements FollowedQuery.Reader {
  /// How far a reader may lag.
  record Room(int lines, long bytes) {
    Room {
      if (lines < 1 || bytes < 1) {
        throw new IllegalArgumentException("room for " + lines + " lines, " + bytes + " bytes");
      }
    }
  }

  private final Room room;
  private final ReentrantLock guard = new ReentrantLock();
  private final Condition changed = guard.newCondition();
  private final ArrayDeque<LineBatch> queue = new ArrayDeque<>();
  private int queuedLines;
  private long queuedBytes;
  private boolean ended;
  private boolean cut;
  private Runnable onCut = () -> {};

  Subscriber(Room room) {
    this.room = room;
  }

  /// Runs when the reader is cut for being slow; it must not wait.
  void onCut(Runnable action) {
    boolean late;
    guard.lock();
    try {
      onCut = action;
      late = cut;
    } finally {
      guard.unlock();
    }
    if (late) {
      action.run();
    }
  }

  @Override
  public boolean offer(LineBatch batch) {
    Runnable action;
    guard.lock();
    try {
      if (ended) {
        return false;
      }
      if (queuedLines < room.lines() && queuedBytes < room.bytes()) {
        queue.add(batch);
        queuedLines += batch.lines();
        queuedBytes += batch.bytes();
        changed.signal();
        return true;
      }
      // What it missed cannot be told any more: the rest goes too, and the clean end says "resume".
      queue.clear();
      endLocked();
      cut = true;
      action = onCut;
    } finally {
      guard.unlock();
    }
    action.run();
    return false;
  }

  /// Waits for lines.
  ///
  /// @return null = the stream ends
  LineBatch take() throws InterruptedException {
    guard.lock();
    try {
      while (queue.isEmpty() && !ended) {
        changed.await();
      }
      LineBatch batch = queue.poll();
      if (batch != null) {
        queuedLines -= batch.lines();
        queuedBytes -= batch.bytes();
      }
      return batch;
    } finally {
      guard.unlock();
    }
  }

  /// Whether it was cut for being slow.
  boolean isCut() {
    guard.lock();
    try {
      return cut;
    } finally {
      guard.unlock();
    }
  }

  @Override
  public void finish() {
    guard.lock();
    try {
      endLocked();
    } finally {
      guard.unlock();
    }
  }

  /// Ends the stream at once: the reader left. Where the end was told already, what comes before it
  /// stays: a server that closes also ends what clients could still say.
  void end() {
    guard.lock();
    try {
      if (!ended) {
        queue.clear();
        endLocked();
      }
    } finally {
      guard.unlock();
    }
  }

  private void endLocked() {
    ended = true;
    changed.signal();
  }
}
