package anycast.edge.protocol;

import io.netty.channel.EventLoop;
import io.netty.util.internal.PlatformDependent;

/// Response bytes that wait for the clients of one event loop, all protocols together.
///
/// Each client's share is bounded by itself; a thousand of them are not: a response that has left
/// its link whole is held here alone, and no window of ours says stop. So the sum has a limit, and
/// above it those give up first whose clients have taken nothing for the longest time. The others
/// live, and the process does not run out of memory, which would cost whole links.
///
/// ```
///   oldest ─ … ─ newest      a share goes to the end with its first bytes, and again
///     ▲                      whenever its client has taken 8 KiB
///     gives up first
/// ```
///
/// **Threading.** One event loop.
public final class Unread {
  /// Less is no progress: a client could keep its place with a byte now and then.
  static final int PROGRESS_BYTES = 8 << 10;

  /// One client's bytes: an HTTP/1 connection or one stream.
  abstract static class Share {
    private final Unread all;
    private Share older;
    private Share newer;
    private boolean listed;
    private long bytes;
    private long taken;

    Share(Unread all) {
      this.all = all;
    }

    /// Ends the response, as nobody takes it. Its bytes are not counted any more.
    abstract void giveUp();

    final long unreadBytes() {
      return bytes;
    }

    final void onWaiting(int more) {
      if (more > 0) {
        bytes += more;
        all.add(this, more);
      }
    }

    /// The client took as many of them.
    final void onTaken(long count) {
      bytes -= count;
      all.take(this, count);
    }

    /// Nothing is left or wanted.
    final void onNoneLeft() {
      if (bytes > 0) {
        onTaken(bytes);
      }
    }
  }

  private final EventLoop loop;
  private final long limitBytes;
  private Share oldest;
  private Share newest;
  private long bytes;
  private boolean relieving;

  /// @param limitBytes that may wait for long
  public Unread(EventLoop loop, long limitBytes) {
    this.loop = loop;
    this.limitBytes = limitBytes;
  }

  /// A quarter of the memory that buffers may have, for as many loops: a byte that waits may keep
  /// four alive, the buffer that it came in.
  public static long limitBytes(int loops) {
    return PlatformDependent.maxDirectMemory() / 4 / loops;
  }

  private void add(Share share, int more) {
    bytes += more;
    if (!share.listed) {
      append(share);
    }
    if (bytes > limitBytes && !relieving) {
      relieving = true;
      // Not in the middle of whatever brought the bytes.
      loop.execute(this::relieve);
    }
  }

  private void take(Share share, long count) {
    bytes -= count;
    share.taken += count;
    if (share.bytes <= 0) {
      remove(share);
    } else if (share.taken >= PROGRESS_BYTES) {
      remove(share);
      append(share);
    }
  }

  private void relieve() {
    relieving = false;
    while (bytes > limitBytes && oldest != null) {
      Share share = oldest;
      share.onNoneLeft();
      share.giveUp();
    }
  }

  private void append(Share share) {
    share.listed = true;
    share.taken = 0;
    share.older = newest;
    if (newest == null) {
      oldest = share;
    } else {
      newest.newer = share;
    }
    newest = share;
  }

  private void remove(Share share) {
    if (!share.listed) {
      return;
    }
    share.listed = false;
    if (share.older == null) {
      oldest = share.newer;
    } else {
      share.older.newer = share.newer;
    }
    if (share.newer == null) {
      newest = share.older;
    } else {
      share.newer.older = share.older;
    }
    share.older = null;
    share.newer = null;
  }
}
