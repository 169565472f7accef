package anycast.backhaul.h2;

import anycast.backhaul.head.RequestHead;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// One HTTP/2 connection in either role (RFC 9113), the last handler of its pipeline.
///
/// ```
///  bytes ──► FrameIntake ──► Inbound ──► Stream ──► StreamEvents
///            (preface,        (order,     (state,      (the user)
///             frames, HPACK)   scope)      windows)        │
///                                                         ▼
///  bytes ◄── Outbound ◄── Pump ◄───────────────────── H2Stream
///            (a buffer     (who may send DATA,
///             a turn)       and how much)
/// ```
///
/// All that is sent during one turn of the event loop goes out with one flush at its end.
///
/// Beginning: the preface goes out when the channel is active; the peer's SETTINGS must come first
/// and within ten seconds. End: [#drain] in order, [#close] at once, or by a fault, which is a
/// GOAWAY; every open stream hears of it once. The socket is closed a moment after the GOAWAY, as a
/// close with unread bytes would destroy it on its way.
///
/// **Threading.** Every method on the channel's event loop. **Limits.** [H2Limits].
public final class H2Connection extends ChannelInboundHandlerAdapter {
  // Time for a peer to begin at all; ten round trips of a bad line.
  private static final long SETTINGS_TIMEOUT_MILLIS = 10_000;
  // How long a peer may take to read our last words.
  private static final long LINGER_MILLIS = 500;
  // A peer that does not answer the PING of a drain for so long is told the last id all the same.
  private static final long DRAIN_PONG_MILLIS = 5_000;
  // What a client may leave unread of us before we stop reading it: its requests' heads and pings
  // make us write, whatever the windows say. Four times the socket's own mark.
  private static final long UNREAD_BYTES = 256 << 10;
  // A link whose socket is this full opens no streams: the heads would only wait.
  private static final long FULL_BYTES = 1 << 20;
  // Until the peer says how many (RFC 9113 §6.5.2 recommends no fewer than these).
  private static final int FIRST_PEER_STREAMS = 100;
  private static final long DRAIN_PING = 0x616e7963_64726169L;

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

  private final boolean server;
  private final H2Limits limits;
  private final ConnectionEvents events;
  private final Ticker ticker;
  private final StreamTable table;
  private final Floods floods;
  private final Inbound inbound;
  private final FrameIntake intake;

  private ChannelHandlerContext ctx;
  private Outbound out;
  private Pump pump;
  private ReceiveWindow window;
  private Phase phase = Phase.OPEN;
  private boolean begun;
  private boolean settingsSeen;
  private boolean settingsAcked;
  private Future<?> timer;
  private Throwable cause;

  private int nextId = 1;
  private int peerStreams = FIRST_PEER_STREAMS;
  private int peerWindowBytes = Pump.DEFAULT_WINDOW_BYTES;
  private boolean peerExtendedConnect;
  private boolean reading = true;
  private long pings;
  private boolean pingUnderWay;
  private long pingNanos;

  private H2Connection(boolean server, H2Limits limits, ConnectionEvents events, Ticker ticker) {
    this.server = server;
    this.limits = limits;
    this.events = events;
    this.ticker = ticker;
    this.table = new StreamTable();
    this.floods = new Floods(limits, ticker);
    this.inbound = new Inbound(this, table, floods, limits);
    this.intake = new FrameIntake(this, inbound, limits);
  }

  /// For accepted connections.
  public static H2Connection server(H2Limits limits, ServerEvents events, Ticker ticker) {
    return new H2Connection(true, limits, events, ticker);
  }

  /// For connections that we opened.
  public static H2Connection client(H2Limits limits, ConnectionEvents events, Ticker ticker) {
    return new H2Connection(false, limits, events, ticker);
  }

  // What its owner does.

  /// Opens a stream with its request. May be called once the channel is active, before
  /// [ConnectionEvents#onReady].
  ///
  /// @param end no body follows
  /// @return null when [#canOpen] is false, or `head` wants an upgrade that the peer does not offer
  public H2Stream open(RequestHead head, boolean end, StreamEvents user) {
    if (!canOpen() || head.upgrade() != null && !peerExtendedConnect) {
      return null;
    }
    int id = nextId;
    nextId += 2;
    Stream stream = newStream(id);
    stream.events(user);
    stream.upgrade(head.upgrade() != null);
    stream.headRequest(head.method().equals(Heads.HEAD));
    out.request(id, head, end);
    if (end) {
      stream.endedByHead();
    }
    return stream;
  }

  /// Whether [#open] would give a stream now.
  public boolean canOpen() {
    return !server
        && begun
        && phase == Phase.OPEN
        && nextId > 0
        && table.size() < peerStreams
        && ctx.channel().bytesBeforeWritable() < FULL_BYTES;
  }

  public int openStreams() {
    return table.size();
  }

  /// Asks for a sign of life; [ConnectionEvents#onPong] tells. One is under way at most.
  public void ping() {
    if (begun && !isClosed() && !pingUnderWay) {
      pingUnderWay = true;
      pingNanos = ticker.nanos();
      out.ping(++pings, false);
    }
  }

  /// Ends in order: no new streams, those open finish, then the connection closes. A server says so
  /// with two GOAWAYs, a round trip apart, so that no request under way is lost (RFC 9113 §6.8).
  public void drain() {
    if (phase != Phase.OPEN || !begun) {
      return;
    }
    if (server) {
      phase = Phase.DRAINING;
      out.goAway(Integer.MAX_VALUE, H2Code.NO_ERROR);
      out.ping(DRAIN_PING, false);
      schedule(this::onDrainPong, DRAIN_PONG_MILLIS);
    } else {
      phase = Phase.FINISHING;
      out.goAway(0, H2Code.NO_ERROR);
    }
  }

  private void onDrainPong() {
    if (phase == Phase.DRAINING) {
      phase = Phase.FINISHING;
      out.goAway(inbound.lastProcessedId(), H2Code.NO_ERROR);
    }
  }

  /// Ends now, with a GOAWAY of this code.
  public void close(int code) {
    if (isClosed()) {
      if (ctx != null) {
        ctx.close();
      }
      return;
    }
    end(code, null);
  }

  /// Ends the connection for the peer's fault.
  void fail(int code, String why) {
    if (!isClosed()) {
      end(code, new H2Fault(code, why));
    }
  }

  /// Ends the connection for a fault of ours, most likely of a stream's user.
  void failInternally(RuntimeException thrown) {
    if (!isClosed()) {
      end(H2Code.INTERNAL_ERROR, thrown);
    }
  }

  private void end(int code, Throwable why) {
    if (!begun) {
      lost(why);
      ctx.close();
      return;
    }
    out.goAway(inbound.lastProcessedId(), code);
    farewell(why);
  }

  // Sends what is written, then waits a little for the peer to close first.
  private void farewell(Throwable why) {
    ChannelHandlerContext context = ctx;
    out.flush();
    lost(why);
    read(true);
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(sent ->
            context
                .executor()
                .schedule(() -> context.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS));
  }

  // The end of every stream, then of the connection.
  private void lost(Throwable why) {
    if (isClosed()) {
      return;
    }
    phase = Phase.CLOSED;
    cancelTimer();
    table.each(Stream::lost);
    if (begun) {
      pump.close();
      out.close();
    }
    events.onClosed(why);
  }

  // What the channel does.

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    out = new Outbound(context, this::onTurnEnd);
    pump = new Pump(context.channel(), out, floods);
    window = new ReceiveWindow(0, Pump.DEFAULT_WINDOW_BYTES, out);
    if (context.channel().isActive()) {
      begin();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    begin();
    context.fireChannelActive();
  }

  private void begin() {
    if (begun || isClosed()) {
      return;
    }
    begun = true;
    intake.writePreface(out);
    window.widen(limits.connectionWindowBytes() - Pump.DEFAULT_WINDOW_BYTES);
    timer =
        ctx.executor()
            .schedule(
                () -> fail(H2Code.SETTINGS_TIMEOUT, "no SETTINGS within ten seconds"),
                SETTINGS_TIMEOUT_MILLIS,
                TimeUnit.MILLISECONDS);
  }

  private void schedule(Runnable task, long millis) {
    cancelTimer();
    timer = ctx.executor().schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes) {
      intake.read(context, bytes);
    } else {
      context.fireChannelRead(message);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable() && !isClosed()) {
      out.wake();
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    lost(cause);
    intake.close();
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    lost(cause);
    intake.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    if (cause == null) {
      cause = thrown;
    }
    context.close();
  }

  private void onTurnEnd() {
    if (isClosed()) {
      return;
    }
    pump.run();
    out.flush();
    pump.report();
    boolean finished = phase == Phase.FINISHING && table.isEmpty();
    if (finished && !isClosed()) {
      out.flush();
      farewell(null);
    } else if (server && !isClosed()) {
      read(ctx.channel().bytesBeforeWritable() < UNREAD_BYTES);
    }
  }

  private void read(boolean wanted) {
    if (reading != wanted) {
      reading = wanted;
      ctx.channel().config().setAutoRead(wanted);
    }
  }

  // What the peer's frames do to the connection.

  void onSettings(Http2Settings settings) {
    Long tableBytes = settings.headerTableSize();
    if (tableBytes != null) {
      out.hpack().peerTableBytes(tableBytes);
    }
    Integer frameBytes = settings.maxFrameSize();
    if (frameBytes != null) {
      out.peerFrameBytes(frameBytes);
    }
    Long streams = settings.maxConcurrentStreams();
    if (streams != null) {
      peerStreams = (int) Math.min(streams, Integer.MAX_VALUE);
    } else if (!settingsSeen) {
      peerStreams = Integer.MAX_VALUE;
    }
    peerExtendedConnect |= Boolean.TRUE.equals(settings.connectProtocolEnabled());
    Integer windowBytes = settings.initialWindowSize();
    if (windowBytes != null) {
      resizeSend(windowBytes);
    }
    if (isClosed()) {
      return;
    }
    out.settingsAck();
    if (!settingsSeen) {
      settingsSeen = true;
      cancelTimer();
      events.onReady();
    }
  }

  private void resizeSend(int windowBytes) {
    int delta = windowBytes - peerWindowBytes;
    peerWindowBytes = windowBytes;
    table.each(stream -> {
      if (!stream.widenSend(delta)) {
        fail(H2Code.FLOW_CONTROL_ERROR, "SETTINGS make a window overflow");
      }
    });
  }

  /// @return false when there was nothing to acknowledge
  boolean onSettingsAck() {
    if (settingsAcked) {
      return false;
    }
    settingsAcked = true;
    int delta = limits.streamWindowBytes() - Pump.DEFAULT_WINDOW_BYTES;
    table.each(stream -> stream.resizeReceive(delta));
    return true;
  }

  /// @return false when it answers no ping of ours
  boolean onPingAck(long opaque) {
    if (opaque == DRAIN_PING && server) {
      onDrainPong();
      return true;
    }
    if (!pingUnderWay || opaque != pings) {
      return false;
    }
    pingUnderWay = false;
    events.onPong(ticker.nanos() - pingNanos);
    return true;
  }

  void onGoAway(int lastId, int code) {
    if (isClosed()) {
      return;
    }
    if (phase == Phase.OPEN) {
      phase = Phase.FINISHING;
    }
    if (!server) {
      table.each(stream -> {
        if (stream.id() > lastId) {
          stream.abort(StreamTable.Past.RESET_BY_PEER);
          stream.events().onReset(H2Code.REFUSED_STREAM);
        }
      });
    }
    if (!isClosed()) {
      events.onGoAway(lastId, code);
      out.wake();
    }
  }

  void onStreamGone(Stream stream, StreamTable.Past how) {
    table.remove(stream.id(), how);
    if (phase == Phase.FINISHING) {
      out.wake();
    }
  }

  // What its parts ask.

  Stream newStream(int id) {
    int receiveBytes = settingsAcked ? limits.streamWindowBytes() : Pump.DEFAULT_WINDOW_BYTES;
    Stream stream = new Stream(id, this, peerWindowBytes, new ReceiveWindow(id, receiveBytes, out));
    table.add(stream);
    return stream;
  }

  void offer(Stream stream, RequestHead head, boolean end) {
    stream.events(((ServerEvents) events).onRequest(stream, head, end));
  }

  ByteBuf keep(ByteBuf data) {
    return intake.keep(data);
  }

  boolean isServer() {
    return server;
  }

  boolean isClosed() {
    return phase == Phase.CLOSED;
  }

  boolean settingsSeen() {
    return settingsSeen;
  }

  /// Whether the final GOAWAY is out.
  boolean refusesNew() {
    return phase == Phase.FINISHING;
  }

  int nextId() {
    return nextId;
  }

  Outbound out() {
    return out;
  }

  Pump pump() {
    return pump;
  }

  ReceiveWindow window() {
    return window;
  }
}
