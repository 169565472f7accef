package anycast.backhaul.runtime;

import anycast.backhaul.posix.Libc;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How many of this process' file descriptors the data path may take. The last ones are kept for
/// the operator, state, journal, dumps and the JVM's own files, so that clients who take all that
/// they can get keep nobody waiting but clients.
///
/// ```
///   0 ─────────────── accepted ──────────── opened ──────────────── limit (RLIMIT_NOFILE)
///     clients, edges     │  links and connections │  all others alone
///     and all others     │  to apps too           │
/// ```
///
/// The kernel gives out the lowest number that is free (open(2)). So a new socket's own number says
/// how many are taken, whoever has them, and nothing needs to be counted.
///
/// **Threading.** Any thread. **Faults.** What comes from outside is closed at once, what is to go
/// out fails, and both are counted.
public final class Descriptors {
  /// Canaries' apps take 256, the admin socket 64, class path, sources, journal, last-good and
  /// dumps together a hundred.
  private static final int MOST_KEPT = 512;

  /// Of all, where they are few: an eighth is kept, and an eighth is left to what goes out, as who
  /// was let in wants to be served.
  private static final int PART = 8;

  private static final Logger LOG = LoggerFactory.getLogger(Descriptors.class);

  private final IntSupplier limit;
  private volatile Marks marks;

  /// Null = nobody counts.
  private volatile CounterCell counted;

  /// The numbers from which on a socket is not taken.
  private record Marks(int limit, int accepted, int opened) {
    static Marks of(int limit) {
      int opened = limit - Math.min(MOST_KEPT, limit / PART);
      return new Marks(limit, opened - limit / PART, opened);
    }
  }

  /// @param limit asked again when a mark is reached: it may have been raised
  Descriptors(IntSupplier limit) {
    this.limit = limit;
    this.marks = Marks.of(limit.getAsInt());
  }

  static Descriptors ofProcess() {
    return new Descriptors(Libc::descriptorLimit);
  }

  /// Where it is counted from now on.
  ///
  /// @param shared for any thread
  public void countIn(CounterCell shared) {
    counted = shared;
  }

  /// Tells the operator where there are fewer than it takes.
  ///
  /// @param connections that are to be possible at a time
  public void check(int connections) {
    Marks now = marks;
    if (connections > now.accepted) {
      LOG.warn(
          "{} connections are to be possible at a time, but this process may have {} file"
              + " descriptors only, and those from number {} on are kept: connections beyond are"
              + " closed at once. LimitNOFILE= of a unit, ulimit -n or prlimit --nofile raises it",
          connections,
          now.limit,
          now.accepted);
    }
  }

  private boolean isFree(Channel channel, boolean accepted) {
    int number =
        channel instanceof UnixChannel socket ? socket.fd().intValue() : Libc.nextDescriptor();
    if (number < mark(accepted)) {
      return true;
    }
    marks = Marks.of(limit.getAsInt());
    return number < mark(accepted);
  }

  private int mark(boolean accepted) {
    Marks now = marks;
    return accepted ? now.accepted : now.opened;
  }

  private void count() {
    CounterCell cell = counted;
    if (cell != null) {
      cell.add(Counter.DESCRIPTORS_SHORT);
    }
  }

  /// A socket that is to go out; the caller's from then on.
  ///
  /// @throws ChannelException where it is one of those that are kept; then it is closed
  Channel opened(Channel made) {
    if (isFree(made, false)) {
      return made;
    }
    made.unsafe().closeForcibly();
    count();
    throw new ChannelException("no file descriptors are left for connections");
  }

  /// Stands before what takes in a listener's connections. Sharable.
  ChannelInboundHandlerAdapter gate() {
    return new Gate();
  }

  @Sharable
  private final class Gate extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      if (accepted instanceof Channel channel && !isFree(channel, true)) {
        channel.unsafe().closeForcibly();
        count();
        return;
      }
      context.fireChannelRead(accepted);
    }

    /// Accepting failed, although so many are kept. Netty leaves the listener alone for a second
    /// then.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      count();
      context.fireExceptionCaught(cause);
    }
  }
}
