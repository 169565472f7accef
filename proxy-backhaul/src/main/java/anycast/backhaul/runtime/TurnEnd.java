package anycast.backhaul.runtime;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;

/// Runs one action at the end of the loop's current turn, however often it is asked for: after all
/// ready sockets were read and all queued tasks ran, before the loop sleeps. That is the moment to
/// flush: one system call carries what many streams wrote (measured: 1.5 µs per request cheaper
/// than a flush per write).
///
/// **Threading.** Confined to `loop`.
public final class TurnEnd implements Runnable {
  private final EventLoop loop;
  private final Runnable action;
  private boolean asked;

  public TurnEnd(EventLoop loop, Runnable action) {
    this.loop = loop;
    this.action = action;
  }

  /// Has the action run once at the end of this turn. Asking again before then changes nothing;
  /// asking from within the action means the next turn.
  public void ask() {
    if (asked) {
      return;
    }
    asked = true;
    if (loop instanceof SingleThreadEventLoop turning) {
      turning.executeAfterEventLoopIteration(this);
    } else {
      // The loop of an EmbeddedChannel has no turns; its task queue is the nearest thing.
      loop.execute(this);
    }
  }

  /// The loop's; everybody else calls [#ask].
  @Override
  public void run() {
    asked = false;
    action.run();
  }
}
