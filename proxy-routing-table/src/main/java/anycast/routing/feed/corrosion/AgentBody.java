package anycast.routing.feed.corrosion;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The body of an answer, read with a limit on silence, and broken off by anybody.
///
/// The client's own stream body blocks for ever in a read and knows no such limit.
///
/// **Threading.** One reader; the client's threads bring pieces, of which the next is asked for
/// when the last is used up; [#breakOff] is for all.
final class AgentBody implements HttpResponse.BodySubscriber<AgentBody> {
  private final ReentrantLock guard = new ReentrantLock();
  private final Condition changed = guard.newCondition();

  // Guarded from here on.
  private final Queue<ByteBuffer> pieces = new ArrayDeque<>();
  private Flow.Subscription subscription;
  private boolean ended;
  private IOException failure;
  private String brokenOff;

  @Override
  public CompletionStage<AgentBody> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription opened) {
    boolean wanted;
    guard.lock();
    try {
      subscription = opened;
      wanted = brokenOff == null;
    } finally {
      guard.unlock();
    }
    if (wanted) {
      opened.request(1);
    } else {
      opened.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> more) {
    boolean empty = true;
    guard.lock();
    try {
      for (ByteBuffer piece : more) {
        if (piece.hasRemaining()) {
          pieces.add(piece);
          empty = false;
        }
      }
      changed.signalAll();
    } finally {
      guard.unlock();
    }
    if (empty) {
      subscription.request(1);
    }
  }

  @Override
  public void onError(Throwable thrown) {
    IOException told =
        thrown instanceof IOException io ? io : new IOException(thrown.toString(), thrown);
    end(told);
  }

  @Override
  public void onComplete() {
    end(null);
  }

  private void end(IOException why) {
    guard.lock();
    try {
      ended = true;
      failure = why;
      changed.signalAll();
    } finally {
      guard.unlock();
    }
  }

  /// Reads at least a byte.
  ///
  /// @param limitNanos how long it waits for it
  /// @return how many; -1 = the body ended in an orderly way
  /// @throws HttpTimeoutException where nothing came within the limit
  /// @throws IOException where the body was torn, or broken off
  int read(byte[] into, long limitNanos) throws IOException, InterruptedException {
    Flow.Subscription more = null;
    int length = 0;
    guard.lockInterruptibly();
    try {
      long left = limitNanos;
      while (brokenOff == null && pieces.isEmpty() && !ended) {
        if (left <= 0) {
          long seconds = Duration.ofNanos(limitNanos).toSeconds();
          throw new HttpTimeoutException("not a byte within " + seconds + " s");
        }
        left = changed.awaitNanos(left);
      }
      if (brokenOff != null) {
        throw new IOException(brokenOff);
      }
      while (!pieces.isEmpty() && length < into.length) {
        ByteBuffer piece = pieces.peek();
        int count = Math.min(piece.remaining(), into.length - length);
        piece.get(into, length, count);
        length += count;
        if (!piece.hasRemaining()) {
          pieces.remove();
        }
      }
      if (length == 0 && failure != null) {
        throw failure;
      }
      more = pieces.isEmpty() && !ended ? subscription : null;
    } finally {
      guard.unlock();
    }
    if (more != null) {
      more.request(1);
    }
    return length == 0 ? -1 : length;
  }

  /// Ends the body from our side, at once; whoever reads it is told why.
  void breakOff(String why) {
    Flow.Subscription opened;
    guard.lock();
    try {
      brokenOff = brokenOff == null ? why : brokenOff;
      pieces.clear();
      opened = subscription;
      changed.signalAll();
    } finally {
      guard.unlock();
    }
    if (opened != null) {
      opened.cancel();
    }
  }

  /// Why it was broken off; null = it was not.
  String brokenOff() {
    guard.lock();
    try {
      return brokenOff;
    } finally {
      guard.unlock();
    }
  }
}
