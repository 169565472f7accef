package anycast.backhaul.h2;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// How a connection ends: in order, at once, or because it is gone; once in any case.
///
/// ```
///  OPEN ──drain (server)──► DRAINING ──pong──► FINISHING ──no stream left──► CLOSED
///   └──drain (client), the peer's GOAWAY──────────►│                           ▲
///   └──────────────────────── fault, close, connection lost, from anywhere ────┘
/// ```
///
/// CLOSED is the end for everybody but the socket: that is kept a moment longer, as a close with
/// unread bytes would destroy our last frames on their way (RFC 9293 §3.10.4).
///
/// **Threading.** The connection's event loop.
final class Ending {
  // Time for a peer to begin at all; ten round trips of a bad line.
  private static final long SETTINGS_MILLIS = 10_000;
  // A peer that does not answer the PING of a drain for so long is told the last id all the same.
  private static final long DRAIN_PONG_MILLIS = 5_000;
  // How long a peer may take to read our last words.
  private static final long LINGER_MILLIS = 500;
  // How long it may take to read the last responses: what the socket held, at 8 kB/s.
  private static final long FAREWELL_MILLIS = 30_000;

  private enum Phase {
    /// Both may open streams.
    OPEN,
    /// Server: the first GOAWAY is out, the peer's last streams are under way.
    DRAINING,
    /// No new streams; those open finish.
    FINISHING,
    /// Nothing is read or sent any more.
    CLOSED
  }

  private final H2Connection connection;
  private final ConnectionEvents events;
  private final StreamTable table;
  private Phase phase = Phase.OPEN;
  private ScheduledFuture<?> timer;
  private ChannelHandlerContext ctx;
  private boolean begun;

  Ending(H2Connection connection, ConnectionEvents events, StreamTable table) {
    this.connection = connection;
    this.events = events;
    this.table = table;
  }

  void attach(ChannelHandlerContext context) {
    ctx = context;
  }

  /// The preface is out; the peer's SETTINGS are due.
  void begin() {
    begun = true;
    schedule(
        () ->
            end(
                H2Code.SETTINGS_TIMEOUT,
                new H2Fault(H2Code.SETTINGS_TIMEOUT, "no SETTINGS within ten seconds")),
        SETTINGS_MILLIS);
  }

  void onFirstSettings() {
    if (phase == Phase.OPEN) {
      cancelTimer();
    }
  }

  boolean begun() {
    return begun;
  }

  boolean isOpen() {
    return begun && phase == Phase.OPEN;
  }

  boolean isClosed() {
    return phase == Phase.CLOSED;
  }

  /// Whether the last stream id has been named to the peer, or by it.
  boolean isFinishing() {
    return phase == Phase.FINISHING;
  }

  void drain() {
    if (!isOpen()) {
      return;
    }
    if (connection.isServer()) {
      phase = Phase.DRAINING;
      connection.out().goAway(Integer.MAX_VALUE, H2Code.NO_ERROR);
      connection.pings().sendForDrain();
      schedule(this::onDrainPong, DRAIN_PONG_MILLIS);
    } else {
      phase = Phase.FINISHING;
      connection.out().goAway(0, H2Code.NO_ERROR);
    }
  }

  /// Every stream that the peer opened before it read our first GOAWAY has come.
  void onDrainPong() {
    if (phase == Phase.DRAINING) {
      phase = Phase.FINISHING;
      connection.out().goAway(connection.lastProcessedId(), H2Code.NO_ERROR);
    }
  }

  void onGoAway() {
    if (phase == Phase.OPEN) {
      phase = Phase.FINISHING;
      connection.out().wake();
    }
  }

  void onStreamGone() {
    if (phase == Phase.FINISHING) {
      connection.out().wake();
    }
  }

  /// At a turn's end.
  void finishIfEmpty() {
    if (phase == Phase.FINISHING && table.isEmpty()) {
      farewell(null, FAREWELL_MILLIS);
    }
  }

  void close(int code) {
    if (phase != Phase.CLOSED) {
      end(code, null);
    } else if (ctx != null) {
      ctx.close();
    }
  }

  void end(int code, Throwable why) {
    if (phase == Phase.CLOSED) {
      return;
    }
    if (!begun) {
      lost(why);
      if (ctx != null) {
        ctx.close();
      }
      return;
    }
    connection.out().goAway(connection.lastProcessedId(), code);
    farewell(why, LINGER_MILLIS);
  }

  // Sends what is written; then the peer may close first, and within a bound we do. A client that
  // ends in order has nothing more to say or hear, so it need not wait.
  private void farewell(Throwable why, long boundMillis) {
    connection.out().flush();
    lost(why);
    closeIn(boundMillis);
    boolean wait = connection.isServer() || why != null;
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> closeIn(wait ? LINGER_MILLIS : 0));
  }

  private void closeIn(long millis) {
    ChannelHandlerContext context = ctx;
    if (context.channel().isOpen() && !context.executor().isShuttingDown()) {
      context.executor().schedule(() -> context.close(), millis, TimeUnit.MILLISECONDS);
    } else {
      context.close();
    }
  }

  /// The end of every stream, then of the connection.
  void lost(Throwable why) {
    if (phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSED;
    cancelTimer();
    RuntimeException[] first = {null};
    table.each(stream -> {
      try {
        stream.lost();
      } catch (RuntimeException e) {
        // One user's mistake must not keep the others waiting for ever.
        first[0] = first[0] == null ? e : first[0];
      }
    });
    connection.release();
    events.onClosed(why);
    if (first[0] != null) {
      throw first[0];
    }
  }

  private void schedule(Runnable task, long millis) {
    cancelTimer();
    if (!ctx.executor().isShuttingDown()) {
      timer = ctx.executor().schedule(task, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
