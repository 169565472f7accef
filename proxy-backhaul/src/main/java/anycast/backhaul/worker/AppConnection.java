package anycast.backhaul.worker;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h1.BodyDecoder;
import anycast.backhaul.h1.BodyRead;
import anycast.backhaul.h1.BodyWriter;
import anycast.backhaul.h1.Framing;
import anycast.backhaul.h1.HeadWriter;
import anycast.backhaul.h1.ResponseParser;
import anycast.backhaul.h1.ResponseRead;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.link.LinkFaults;
import anycast.backhaul.runtime.TurnEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.AsciiString;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP/1.1 connection to an app, carrying one request after the other.
///
/// ```
///   IDLE ── taken ──► HEAD ── final head ──► BODY ── end ──► IDLE, or closed
///                      └────── 101 ────────► RAW ─── end ──► closed
/// ```
///
/// A request is written at the end of the loop's turn: by then all that the kernel had to say in
/// this turn has been read, so an app that closed the connection meanwhile is noticed before a byte
/// of the request is lost in it.
///
/// **Threading.** One event loop. **Flow.** Reads stop while more than the window lies with the
/// downstream; request bytes are reported as sent when the socket takes more. **Limits.** A window
/// and one read of response a connection; Netty's write mark of request.
final class AppConnection extends ChannelInboundHandlerAdapter {
  /// Informational heads before a final one; hints come once or twice.
  private static final int MAX_INFORMATIONAL = 16;

  private static final AsciiString HEAD_METHOD = AsciiString.cached("HEAD");

  private static final Logger LOG = LoggerFactory.getLogger(AppConnection.class);

  private enum Phase {
    IDLE,
    HEAD,
    BODY,
    RAW
  }

  private final AppPool pool;
  private final AppWindow window;
  private final TurnEnd turnEnd;
  private final ResponseParser parser = new ResponseParser();
  private final BodyDecoder decoder = new BodyDecoder(FaultKind.APP_PROTOCOL);
  private final BodyWriter writer = new BodyWriter();

  private Channel channel;
  private AppUpstream current;
  private Phase phase = Phase.IDLE;

  /// It lay idle, so the app may have closed it without our knowing yet.
  private boolean reused;

  private boolean written;
  private boolean answered;
  private boolean keepAlive;
  private boolean untilClose;
  private boolean broken;
  private int informational;

  private int unconsumed;
  private int unreported;
  private long idleSinceNanos;

  AppConnection(AppPool pool, EventLoop loop, AppWindow window) {
    this.pool = pool;
    this.window = window;
    this.turnEnd = new TurnEnd(loop, this::onTurnEnd);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
  }

  boolean isOpen() {
    return channel.isActive();
  }

  void idleSince(long nowNanos) {
    reused = true;
    idleSinceNanos = nowNanos;
  }

  long idleSince() {
    return idleSinceNanos;
  }

  void close() {
    channel.close();
  }

  /// Carries this request next.
  void take(AppUpstream upstream) {
    current = upstream;
    phase = Phase.HEAD;
    written = false;
    answered = false;
    untilClose = false;
    informational = 0;
    RequestHead head = upstream.head();
    parser.begin(HEAD_METHOD.contentEquals(head.method()), head.upgrade() != null);
    turnEnd.ask();
  }

  private void onTurnEnd() {
    if (!channel.isActive()) {
      return;
    }
    if (current != null && !written) {
      written = true;
      current.onTurn();
    }
    channel.flush();
    report();
  }

  void writeHead(RequestHead head, boolean end) {
    ByteBuf out = channel.alloc().buffer(512);
    writer.begin(HeadWriter.writeRequest(out, head, end));
    channel.write(out);
  }

  void writeData(ByteBuf data, boolean end) {
    unreported += data.readableBytes();
    if (phase == Phase.RAW) {
      ChannelFuture sent = channel.write(data);
      if (end && channel instanceof DuplexChannel duplex) {
        // Shutting down sooner would drop what the socket has not taken yet.
        sent.addListener(_ -> duplex.shutdownOutput());
      }
      turnEnd.ask();
      return;
    }
    turnEnd.ask();
    if (!writer.write(data, end, channel.alloc(), channel::write)) {
      failRequest();
    }
  }

  void writeTrailers(Fields trailers) {
    turnEnd.ask();
    if (!writer.writeTrailers(trailers, channel.alloc(), channel::write)) {
      failRequest();
    }
  }

  /// The downstream took this many bytes of the response.
  void consumed(int bytes) {
    unconsumed -= bytes;
    if (!channel.config().isAutoRead() && unconsumed <= window.bytes() / 2) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      read(in);
    } finally {
      in.release();
    }
  }

  private void read(ByteBuf in) {
    if (current != null && !written) {
      // Bytes that nobody asked for: this connection was at its end before our turn.
      AppUpstream upstream = detach();
      close();
      upstream.onLost(reused, false, Fault.of(FaultKind.APP_PROTOCOL, "unasked response"));
      return;
    }
    while (current != null && in.isReadable()) {
      answered = true;
      switch (phase) {
        case HEAD -> readHead(in);
        case BODY -> readBody(in);
        case RAW -> deliver(in.readRetainedSlice(in.readableBytes()));
        case IDLE -> throw new IllegalStateException("idle with a request");
      }
    }
    if (in.isReadable()) {
      close();
    }
  }

  private void readHead(ByteBuf in) {
    switch (parser.read(in)) {
      case ResponseRead.Incomplete.MORE -> {}
      case ResponseRead.Refused(Fault fault) -> fail(fault);
      case ResponseRead.Complete(ResponseHead head, Framing framing, boolean keeps) -> {
        if (head.informational()) {
          if (++informational > MAX_INFORMATIONAL) {
            fail(Fault.of(FaultKind.APP_PROTOCOL, "endless informational heads"));
          } else {
            current.onHead(head, false);
          }
          return;
        }
        onFinalHead(in, head, framing, keeps);
      }
    }
  }

  private void onFinalHead(ByteBuf in, ResponseHead head, Framing framing, boolean keeps) {
    if (head.status() == 101) {
      phase = Phase.RAW;
      keepAlive = false;
      current.onHead(head, false);
      return;
    }
    keepAlive = keeps;
    if (!framing.hasBody()) {
      AppUpstream upstream = current;
      endResponse(in);
      upstream.onHead(head, true);
      return;
    }
    phase = Phase.BODY;
    untilClose = framing.kind() == Framing.Kind.UNTIL_CLOSE;
    decoder.begin(framing);
    current.onHead(head, false);
  }

  private void readBody(ByteBuf in) {
    switch (decoder.read(in, AppWindow.WIDE_BYTES)) {
      case BodyRead.Incomplete.MORE -> {}
      case BodyRead.Refused(Fault fault) -> fail(fault);
      case BodyRead.Part(ByteBuf bytes, boolean end) -> {
        if (end) {
          AppUpstream upstream = current;
          endResponse(in);
          upstream.onData(bytes, true);
        } else {
          deliver(bytes);
        }
      }
      case BodyRead.End(Fields trailers) -> {
        AppUpstream upstream = current;
        endResponse(in);
        if (trailers == null) {
          upstream.onData(Unpooled.EMPTY_BUFFER, true);
        } else {
          upstream.onTrailers(trailers);
        }
      }
    }
  }

  private void deliver(ByteBuf bytes) {
    unconsumed += bytes.readableBytes();
    if (unconsumed >= window.bytes()) {
      channel.config().setAutoRead(false);
    }
    current.onData(bytes, false);
  }

  /// The response is complete; what is left in `in` was not asked for.
  private void endResponse(ByteBuf in) {
    boolean reusable =
        keepAlive && !in.isReadable() && current.requestEnded() && !current.way().alone();
    detach();
    if (reusable) {
      pool.offer(this);
    } else {
      close();
    }
  }

  private AppUpstream detach() {
    AppUpstream upstream = current;
    current = null;
    phase = Phase.IDLE;
    unconsumed = 0;
    unreported = 0;
    if (channel.isActive() && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
    return upstream;
  }

  private void fail(Fault fault) {
    AppUpstream upstream = detach();
    close();
    upstream.fail(fault);
  }

  /// The request's body is not as long as its head said.
  private void failRequest() {
    if (current != null) {
      fail(Fault.of(FaultKind.BAD_REQUEST, "body is not as long as announced"));
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    report();
  }

  private void report() {
    if (unreported > 0 && current != null && channel.isWritable()) {
      int bytes = unreported;
      unreported = 0;
      current.onSent(bytes);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    pool.onClosed(this);
    if (current == null) {
      return;
    }
    AppUpstream upstream = current;
    boolean ended = !broken && (phase == Phase.RAW || phase == Phase.BODY && untilClose);
    detach();
    if (ended) {
      upstream.onData(Unpooled.EMPTY_BUFFER, true);
    } else {
      String detail = answered ? "in the middle of its answer" : "before it answered";
      upstream.onLost(reused, answered, Fault.of(FaultKind.APP_RESET, detail));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken = true;
    if (!(cause instanceof IOException)) {
      LOG.error("fault in a connection to an app: {}", LinkFaults.reason(cause), cause);
    }
    close();
  }
}
