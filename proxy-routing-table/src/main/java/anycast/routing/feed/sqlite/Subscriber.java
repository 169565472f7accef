package anycast.routing.feed.sqlite;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One reader of a subscription: what it gets first, then a bounded queue of what happens
/// meanwhile.
///
/// **Threading.** The matching thread offers and never waits: where the queue is full the reader is
/// cut. One connection's thread takes. A lock, held for a few list operations; the taker has to
/// sleep somewhere.
///
/// **Limits.** Lines in the queue; one batch may go beyond, so that a large transaction does not
/// cut readers that keep up. Lines are shared by all readers, and what comes first with the
/// matcher.
final class Subscriber {
  /// The number of a Corrosion agent, so that the same fleet survives the same burst on either.
  static final int QUEUED_LINES = 10_240;

  /// What a reader gets before the queue: encoded lines, made as they are read.
  interface Opening {
    /// Hands each line to `out`; ends early where `out` throws.
    void writeTo(LineSink out) throws java.io.IOException;
  }

  /// Takes encoded lines, each with its newline.
  interface LineSink {
    void line(byte[] line) throws java.io.IOException;
  }

  private final Opening opening;
  private final int capacity;
  private final ReentrantLock guard = new ReentrantLock();
  private final Condition changed = guard.newCondition();
  private ArrayDeque<byte[]> queue = new ArrayDeque<>();
  private boolean ended;
  private boolean cut;
  private Runnable onCut = () -> {};

  Subscriber(Opening opening, int capacity) {
    this.opening = opening;
    this.capacity = capacity;
  }

  Opening opening() {
    return opening;
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

  /// Queues lines.
  ///
  /// @return false where the reader is gone or was cut now
  boolean offer(List<byte[]> lines) {
    Runnable action;
    guard.lock();
    try {
      if (ended) {
        return false;
      }
      if (queue.size() < capacity) {
        queue.addAll(lines);
        changed.signal();
        return true;
      }
      // What it missed cannot be told any more: the rest goes too, and the clean end says "resume".
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
  /// @return all that are queued; empty = the stream ends
  List<byte[]> take() throws InterruptedException {
    guard.lock();
    try {
      while (queue.isEmpty() && !ended) {
        changed.await();
      }
      List<byte[]> taken = new ArrayList<>(queue);
      queue.clear();
      return taken;
    } finally {
      guard.unlock();
    }
  }

  /// Ends the stream: the reader left, or the server closes.
  void end() {
    guard.lock();
    try {
      endLocked();
    } finally {
      guard.unlock();
    }
  }

  private void endLocked() {
    ended = true;
    queue = new ArrayDeque<>();
    changed.signal();
  }
}
