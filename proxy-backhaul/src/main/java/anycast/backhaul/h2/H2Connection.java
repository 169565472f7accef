package anycast.backhaul.h2;

import anycast.backhaul.head.RequestHead;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Settings;

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
  // What a client may leave unread of us before we stop reading it: its requests' heads and pings
  // make us write, whatever the windows say. Four times the socket's own mark.
  private static final long UNREAD_BYTES = 256 << 10;
  // A link whose socket is this full opens no streams: the heads would only wait.
  private static final long FULL_BYTES = 1 << 20;

  private final boolean server;
  private final H2Limits limits;
  private final ConnectionEvents events;
  private final Ticker ticker;
  private final StreamTable table;
  private final Floods floods;
  private final Inbound inbound;
  private final FrameIntake intake;
  private final Ending ending;
  private final Relief relief;
  private final FirstWindow firstWindow;

  private ChannelHandlerContext ctx;
  private Outbound out;
  private Pump pump;
  private ReceiveWindow window;
  private PeerSettings peer;
  private Pings pings;
  private Throwable cause;

  private int nextId = 1;
  private int wideBytes;
  private boolean reading = true;

  private H2Connection(boolean server, H2Limits limits, ConnectionEvents events, Ticker ticker) {
    this.server = server;
    this.limits = limits;
    this.events = events;
    this.ticker = ticker;
    this.table = new StreamTable();
    this.floods = new Floods(limits, ticker);
    this.inbound = new Inbound(this, table, floods, limits);
    this.intake = new FrameIntake(this, inbound, limits);
    this.ending = new Ending(this, events, table);
    this.relief = new Relief(this, table, limits);
    this.firstWindow = new FirstWindow(table, limits.streamWindowBytes());
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
    if (!canOpen() || head.upgrade() != null && !peer.extendedConnect()) {
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
        && ending.isOpen()
        && nextId > 0
        && table.size() < peer.maxStreams()
        && ctx.channel().bytesBeforeWritable() < FULL_BYTES;
  }

  /// Bytes that were handed to streams and wait for the peer's windows or the socket.
  public long queuedBytes() {
    return pump.queuedBytes();
  }

  public int openStreams() {
    return table.size();
  }

  /// Asks for a sign of life; [ConnectionEvents#onPong] tells. One is under way at most.
  public void ping() {
    if (ending.begun() && !isClosed()) {
      pings.send();
    }
  }

  /// Ends in order: no new streams, those open finish, then the connection closes. A server says so
  /// with two GOAWAYs, a round trip apart, so that no request under way is lost (RFC 9113 §6.8).
  public void drain() {
    ending.drain();
  }

  /// Ends now, with a GOAWAY of this code.
  public void close(int code) {
    ending.close(code);
  }

  /// Ends the connection for the peer's fault.
  void fail(int code, String why) {
    ending.end(code, new H2Fault(code, why));
  }

  /// Ends the connection for a fault of ours, most likely of a stream's user.
  void failInternally(RuntimeException thrown) {
    ending.end(H2Code.INTERNAL_ERROR, thrown);
  }

  /// After the end of every stream: nothing is sent any more, what comes is thrown away.
  void release() {
    if (ctx != null) {
      relief.close();
      pump.close();
      out.close();
      read(true);
    }
  }

  // What the channel does.

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    out = new Outbound(context, this::onTurnEnd);
    pump = new Pump(context.channel(), out, floods);
    window = new ReceiveWindow(0, Pump.DEFAULT_WINDOW_BYTES, out);
    peer = new PeerSettings(out, table);
    pings = new Pings(out, ticker);
    ending.attach(context);
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
    if (!ending.begun() && !isClosed()) {
      intake.writePreface(out);
      window.widen(limits.connectionWindowBytes() - Pump.DEFAULT_WINDOW_BYTES);
      ending.begin();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes) {
      intake.read(context, bytes);
      if (server && out.heldBytes() > UNREAD_BYTES) {
        // The channel would read sixteen times before the turn ends; small requests with long
        // answers make seventy times as much of it.
        read(false);
      }
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
    ending.lost(cause);
    intake.close();
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    ending.lost(cause);
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
    try {
      pump.run();
      out.flush();
      pump.report();
    } catch (RuntimeException e) {
      failInternally(e);
    }
    ending.finishIfEmpty();
    if (server && !isClosed()) {
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
    boolean first = !peer.seen();
    if (!peer.apply(settings)) {
      fail(H2Code.FLOW_CONTROL_ERROR, "SETTINGS make a window overflow");
      return;
    }
    out.settingsAck();
    if (first) {
      ending.onFirstSettings();
      events.onReady();
    }
  }

  /// @return false when there was nothing to acknowledge
  boolean onSettingsAck() {
    return firstWindow.onAck();
  }

  /// @return false when it answers no ping of ours
  boolean onPingAck(long opaque) {
    if (pings.answeredForDrain(opaque)) {
      ending.onDrainPong();
      return true;
    }
    if (!pings.answered(opaque)) {
      return false;
    }
    events.onPong(pings.nanosSinceSent());
    return true;
  }

  void onGoAway(int lastId, int code) {
    if (isClosed()) {
      return;
    }
    ending.onGoAway();
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
    }
  }

  void onStreamGone(Stream stream, StreamTable.Past how) {
    table.remove(stream.id(), how);
    ending.onStreamGone();
  }

  // What its parts ask.

  Stream newStream(int id) {
    ReceiveWindow receive = new ReceiveWindow(id, firstWindow.bytes(), out);
    Stream stream = new Stream(id, this, peer.windowBytes(), receive);
    table.add(stream);
    return stream;
  }

  void offer(Stream stream, RequestHead head, boolean end) {
    stream.events(((ServerEvents) events).onRequest(stream, head, end));
  }

  /// Wide windows together hold half of the connection's at most: the other half is for streams
  /// with a first window only, which then go on however many wide ones stall.
  ///
  /// @param bytes negative to give back
  /// @return how many are granted
  int grantWide(int bytes) {
    int left = relief.isTight() ? 0 : limits.connectionWindowBytes() / 2 - wideBytes;
    int granted = Math.min(bytes, left);
    wideBytes += granted;
    return granted;
  }

  /// Tells the peer another first window, which is for the streams that are open too.
  void firstWindow(int bytes) {
    if (firstWindow.change(bytes)) {
      out.firstWindow(bytes);
    }
  }

  /// Bytes have come for a stream.
  void onData() {
    relief.onData(ctx);
  }

  ByteBuf keep(ByteBuf data) {
    return intake.keep(data);
  }

  boolean isServer() {
    return server;
  }

  boolean isClosed() {
    return ending.isClosed();
  }

  boolean settingsSeen() {
    return peer.seen();
  }

  /// Whether the final GOAWAY is out.
  boolean refusesNew() {
    return ending.isFinishing();
  }

  /// Highest id of a stream that we may have worked on.
  int lastProcessedId() {
    return inbound.lastProcessedId();
  }

  Pings pings() {
    return pings;
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
