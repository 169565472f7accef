package anycast.backhaul.h2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Keeps streams whose users take nothing from using up the connection's window, which belongs to
/// all of them: a hundred clients that ask for a large file and read none of it would stop a link.
///
/// ```
///  held bytes  0 ─────── 1/16 ─────── 1/4 ─────── 1/2 ─────── connection's window
///                calm: first      tight: 16 KiB    stalled streams are ended,
///                windows again    for every stream   the longest stalled first
/// ```
///
/// A first window is promised before anybody knows how its user reads. So there are two steps. The
/// first is gentle: SETTINGS_INITIAL_WINDOW_SIZE shrinks every stream's window, also of those that
/// are open (RFC 9113 §6.9.2), and slow readers then hold a sixteenth. The second is for what is
/// held already, and looks once a second: between two looks a user has to take something.
///
/// **Threading.** The connection's event loop. **Limits.** A thousand slow readers fit below the
/// second mark of 32 MiB, and lose nothing as long as each takes 8 KiB a second.
final class Relief {
  static final int TIGHT_WINDOW_BYTES = 16 << 10;
  static final int PROGRESS_BYTES = 8 << 10;
  // A lost packet on a phone's line is sent again within a second; a stop that lasts longer is seen
  // by everybody else.
  static final long LOOK_MILLIS = 1_000;

  private final H2Connection connection;
  private final StreamTable table;
  private final H2Limits limits;
  private ScheduledFuture<?> timer;

  Relief(H2Connection connection, StreamTable table, H2Limits limits) {
    this.connection = connection;
    this.table = table;
    this.limits = limits;
  }

  /// Whether windows are small at present.
  boolean isTight() {
    return timer != null;
  }

  /// Bytes have come for a stream.
  void onData(ChannelHandlerContext ctx) {
    if (timer == null
        && limits.shared()
        && connection.window().heldBytes() >= limits.connectionWindowBytes() / 4
        && !ctx.executor().isShuttingDown()) {
      connection.firstWindow(Math.min(TIGHT_WINDOW_BYTES, limits.streamWindowBytes()));
      table.each(stream -> stream.look(PROGRESS_BYTES));
      schedule(ctx);
    }
  }

  private void schedule(ChannelHandlerContext ctx) {
    timer = ctx.executor().schedule(() -> look(ctx), LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    timer = null;
    if (connection.isClosed()) {
      return;
    }
    List<Stream> stalled = new ArrayList<>();
    table.each(stream -> {
      if (stream.look(PROGRESS_BYTES) > 0) {
        stalled.add(stream);
      }
    });
    int windowBytes = limits.connectionWindowBytes();
    stalled.sort(Comparator.comparingInt(Stream::stalledLooks).reversed());
    for (Stream stream : stalled) {
      if (connection.window().heldBytes() <= windowBytes / 2) {
        break;
      }
      stream.evict();
    }
    if (connection.isClosed()) {
      return;
    }
    if (connection.window().heldBytes() < windowBytes / 16) {
      connection.firstWindow(limits.streamWindowBytes());
    } else if (!ctx.executor().isShuttingDown()) {
      schedule(ctx);
    }
  }

  void close() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
