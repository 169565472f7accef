package anycast.edge.protocol;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h1.BodyDecoder;
import anycast.backhaul.h1.BodyRead;
import anycast.backhaul.h1.RequestParser;
import anycast.backhaul.h1.RequestRead;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One public HTTP/1 connection, last in its pipeline: requests one after the other, each an
/// exchange. The channel has autoRead off.
///
/// ```
///            head read             response ended, request not
///   HEAD ───────────────► EXCHANGE ───────────────────────────► REST
///    ▲ ▲                    │    │                               │ │
///    │ └── both ended ──────┘    │ ... or connection to be closed│ │ too much of it
///    │                           ▼                               │ ▼
///    └────── rest read ──────────┼──────────────────────────────-┘ LINGER ──► CLOSED
///                                └────────────────────────────────►┘
/// ```
///
/// Bytes of the next request wait unread, or in `pending` as far as they have come, until this one
/// is over: there is no queue of requests. A malformed head, a malformed body and a refused upgrade
/// end the connection, so that nothing behind them is ever read as a request.
///
/// Upstream decides about `Expect: 100-continue`: the field is passed on and the app's 100 comes
/// back, so a client learns of a refusal before it sends its body.
///
/// A client that closes its side has left, and what works for it is cancelled; where it has sent a
/// whole request over a plain connection and closed only its sending side, which looks the same, it
/// gets a second to take the answer, counted from the last byte that it was given. TLS libraries
/// answer a close with a close, so there it means that it left.
///
/// **Threading.** The channel's event loop. **Limits.** [Http1Limits]; one timer, re-armed.
/// **Faults.** Answered where no head is out, else the connection is reset.
public final class Http1Connection extends ChannelInboundHandlerAdapter implements Downstream {
  private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  /// Bytes of later requests that may wait in memory: enough to notice that the client left.
  private static final int PIPELINED_BYTES = 16 << 10;

  /// Where the connection stands.
  enum Phase {
    HEAD,
    EXCHANGE,
    REST,
    LINGER,
    CLOSED
  }

  private final Served served;
  private final Http1Limits limits;
  private final RequestParser parser;
  private final BodyDecoder decoder = new BodyDecoder(FaultKind.BAD_REQUEST);
  private final Http1Clock clock;

  private ChannelHandlerContext ctx;
  private InetAddress client;
  private ResponseOut out;
  private Http1Answer answer;

  private Phase phase = Phase.HEAD;
  private ByteBuf pending;

  /// Set between a head and the end of its response.
  private Http1Request request;

  /// Null also while the sink has not returned it yet.
  private Exchange exchange;

  private int requests;
  private boolean draining;

  /// Bytes read and dropped, of one request's rest or of the connection's.
  private int droppedBytes;

  private boolean processing;
  private boolean readWaits;

  public Http1Connection(Served served, Http1Limits limits) {
    this.served = served;
    this.limits = limits;
    parser = new RequestParser(served.tls() ? HTTPS : HTTP);
    clock = new Http1Clock(limits, served.ticker(), this::onTimer);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    out = new ResponseOut(ctx, this::onFlushed);
    answer = new Http1Answer(out, ctx.alloc(), served.answers());
    if (ctx.channel().isActive()) {
      start();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (client == null) {
      start();
    }
    ctx.fireChannelActive();
  }

  private void start() {
    client =
        ctx.channel().remoteAddress() instanceof InetSocketAddress address
            ? address.getAddress()
            : InetAddress.getLoopbackAddress();
    if (!served.tls()) {
      ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
    clock.start(ctx.channel().eventLoop());
    settle();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf bytes) || phase == Phase.CLOSED) {
      ReferenceCountUtil.release(message);
      return;
    }
    pending =
        pending == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, bytes);
    process();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readWaits = false;
    settle();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    onFlushed();
    ctx.fireChannelWritabilityChanged();
  }

  private void onFlushed() {
    int bytes = out.takeReturnable();
    if (bytes > 0 && exchange != null) {
      exchange.onResponseSent(bytes);
    }
    process();
    settle();
  }

  /// Takes what has come as far as it can be taken now.
  private void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      while (pending != null && pending.isReadable() && step()) {}
    } finally {
      processing = false;
    }
    if (pending != null && (!pending.isReadable() || phase == Phase.CLOSED)) {
      pending.release();
      pending = null;
    }
  }

  /// @return whether to go on
  private boolean step() {
    return switch (phase) {
      case HEAD -> out.writable() && readHead();
      case EXCHANGE -> readForExchange();
      case REST -> readRest();
      case LINGER -> drop();
      case CLOSED -> false;
    };
  }

  private boolean readHead() {
    clock.headBytes();
    return switch (parser.read(pending)) {
      case RequestRead.Incomplete _ -> false;
      case RequestRead.Complete read -> {
        begin(read);
        yield true;
      }
      case RequestRead.Refused(Fault fault) -> {
        served.refusals().onRefused(ctx.channel().remoteAddress(), fault);
        answer.refuse(fault, served.sink().newExchangeId());
        linger();
        yield true;
      }
    };
  }

  private void begin(RequestRead.Complete read) {
    phase = Phase.EXCHANGE;
    requests++;
    droppedBytes = 0;
    String id = served.sink().newExchangeId();
    request = new Http1Request(id, read);
    decoder.begin(read.framing());
    Arrival arrival =
        new Arrival(
            id,
            client,
            served.port(),
            served.tls(),
            read.http10() ? "1.0" : "1.1",
            clock.headStartNanos());
    clock.headEnded();
    Exchange begun =
        served.sink().begin(this, read.head(), arrival, request.ended, ctx.channel().eventLoop());
    // It may have ended before it began: then this one is over already.
    if (phase == Phase.EXCHANGE) {
      exchange = begun;
    }
  }

  private boolean readForExchange() {
    if (!request.wantsBytes()) {
      return false;
    }
    int credit = limits.windowBytes() - request.unconsumedBytes;
    if (credit <= 0) {
      return false;
    }
    if (request.switched) {
      ByteBuf bytes = pending.readRetainedSlice(Math.min(credit, pending.readableBytes()));
      request.unconsumedBytes += bytes.readableBytes();
      exchange.onRequestData(bytes, false);
      return true;
    }
    request.bodyComes();
    return switch (decoder.read(pending, credit)) {
      case BodyRead.Incomplete _ -> false;
      case BodyRead.Part(ByteBuf bytes, boolean end) -> {
        clock.bodyBytes(bytes.readableBytes());
        request.unconsumedBytes += bytes.readableBytes();
        request.ended = end;
        exchange.onRequestData(bytes, end);
        yield true;
      }
      case BodyRead.End(Fields trailers) -> {
        request.ended = true;
        if (trailers == null) {
          exchange.onRequestData(Unpooled.EMPTY_BUFFER, true);
        } else {
          exchange.onRequestTrailers(trailers);
        }
        yield true;
      }
      case BodyRead.Refused(Fault fault) -> {
        served.refusals().onRefused(ctx.channel().remoteAddress(), fault);
        breakOff(fault);
        yield true;
      }
    };
  }

  /// Reads what is left of a body that nobody wants, if it is little.
  private boolean readRest() {
    return switch (decoder.read(pending, limits.drainBytes())) {
      case BodyRead.Incomplete _ -> false;
      case BodyRead.Part(ByteBuf bytes, boolean end) -> {
        clock.bodyBytes(bytes.readableBytes());
        droppedBytes += bytes.readableBytes();
        bytes.release();
        if (end) {
          nextRequest();
        } else if (droppedBytes > limits.drainBytes()) {
          linger();
        }
        yield true;
      }
      case BodyRead.End _ -> {
        nextRequest();
        yield true;
      }
      case BodyRead.Refused _ -> {
        linger();
        yield true;
      }
    };
  }

  private boolean drop() {
    droppedBytes += pending.readableBytes();
    pending.skipBytes(pending.readableBytes());
    if (droppedBytes > limits.drainBytes() && out.writeSideDone()) {
      ctx.close();
    }
    return false;
  }

  /// Reads on where somebody has room, and arms the timer for what is awaited now.
  private void settle() {
    if (phase == Phase.CLOSED || client == null) {
      return;
    }
    if (!readWaits && wantsBytes()) {
      readWaits = true;
      ctx.read();
    }
    clock.arm(phase, parser.started(), request, out, wantsBody());
  }

  private boolean wantsBytes() {
    int waiting = pending == null ? 0 : pending.readableBytes();
    return switch (phase) {
      case HEAD -> out.writable();
      case EXCHANGE -> request.wantsBytes() ? wantsMore() : waiting < PIPELINED_BYTES;
      case REST, LINGER -> true;
      case CLOSED -> false;
    };
  }

  private boolean wantsMore() {
    return request.unconsumedBytes < limits.windowBytes();
  }

  /// Whether it is the client's turn to send more of a body.
  private boolean wantsBody() {
    return switch (phase) {
      case EXCHANGE ->
          !request.upgrade && !request.ended && !request.awaitsContinue() && wantsMore();
      case REST -> true;
      case HEAD, LINGER, CLOSED -> false;
    };
  }

  @Override
  public void sendInformational(ResponseHead head) {
    boolean continues = head.status() == 100;
    if (phase != Phase.EXCHANGE
        || request.http10
        || request.answered
        || (continues && !request.awaitsContinue())) {
      return;
    }
    if (continues) {
      request.bodyComes();
    }
    answer.informational(head);
  }

  @Override
  public void sendHead(ResponseHead head, boolean end) {
    if (phase != Phase.EXCHANGE) {
      return;
    }
    boolean close =
        !request.keepAlive
            || request.upgrade
            || draining
            || requests >= limits.requests()
            || (end && restIsTooMuch());
    answer.head(request, head, close, end);
    if (request.switched) {
      process();
    }
    if (end) {
      responseEnded();
    }
  }

  /// Whether what is to come of the request is worth more than a new connection.
  private boolean restIsTooMuch() {
    return !request.ended
        && (request.awaitsContinue() || decoder.remainingBytes() > limits.drainBytes());
  }

  @Override
  public void sendData(ByteBuf data, boolean end) {
    if (phase != Phase.EXCHANGE || !request.answered) {
      data.release();
      return;
    }
    out.owe(data.readableBytes());
    clock.responseBytes();
    endOrReset(answer.data(data, end), end);
  }

  @Override
  public void sendTrailers(Fields trailers) {
    if (phase == Phase.EXCHANGE && request.answered) {
      endOrReset(answer.trailers(trailers), true);
    }
  }

  private void endOrReset(boolean fits, boolean end) {
    if (fits && end) {
      responseEnded();
    } else if (!fits) {
      Exchange broken = exchange;
      closed();
      out.reset();
      // At its end an exchange ends by itself.
      if (!end && broken != null) {
        broken.onDownstreamGone(Fault.of(FaultKind.APP_PROTOCOL, "body is not of its length"));
      }
    }
  }

  @Override
  public void sendFault(Fault fault) {
    if (phase != Phase.EXCHANGE) {
      return;
    }
    exchange = null;
    if (request.answered) {
      closed();
      out.reset();
      return;
    }
    boolean close =
        !request.keepAlive
            || request.upgrade
            || draining
            || requests >= limits.requests()
            || fault.kind().side() == FaultKind.Side.CLIENT
            || restIsTooMuch();
    answer.fault(request, fault, close);
    responseEnded();
  }

  @Override
  public void consumed(int bytes) {
    if (phase == Phase.EXCHANGE && request != null) {
      request.unconsumedBytes -= bytes;
      process();
      if (!processing) {
        settle();
      }
    }
  }

  private void responseEnded() {
    exchange = null;
    out.forgetOwed();
    if (answer.closes() || (!request.ended && restIsTooMuch())) {
      linger();
    } else if (request.ended) {
      nextRequest();
    } else {
      phase = Phase.REST;
    }
    // What waits behind this goes on with the flush, outside of the caller.
  }

  private void nextRequest() {
    request = null;
    if (draining) {
      linger();
    } else {
      phase = Phase.HEAD;
      clock.idle();
    }
  }

  /// Ends the connection from our side: nothing that comes is looked at any more.
  private void linger() {
    phase = Phase.LINGER;
    exchange = null;
    droppedBytes = 0;
    out.end(() -> {
      clock.lingering();
      settle();
    });
  }

  /// The client broke the rules of its request in the middle of it.
  private void breakOff(Fault fault) {
    Exchange broken = exchange;
    exchange = null;
    if (request == null || request.answered) {
      closed();
      out.reset();
    } else {
      answer.fault(request, fault, true);
      linger();
    }
    if (broken != null) {
      broken.onDownstreamGone(fault);
    }
  }

  private void onTimer() {
    if (phase == Phase.CLOSED) {
      return;
    }
    switch (clock.due(phase, parser.started(), out)) {
      case NOTHING -> {}
      case HEAD_SLOW -> {
        answer.refuse(Fault.of(FaultKind.REQUEST_TIMEOUT), served.sink().newExchangeId());
        linger();
      }
      case IDLE -> ctx.close();
      case BODY_SLOW -> breakOff(Fault.of(FaultKind.REQUEST_TIMEOUT));
      case STALLED -> leave(Fault.of(FaultKind.CLIENT_STALLED));
      case GONE -> leave(Fault.of(FaultKind.CLIENT_GONE));
    }
    settle();
  }

  private void leave(Fault fault) {
    Exchange left = exchange;
    closed();
    out.reset();
    if (left != null) {
      left.onDownstreamGone(fault);
    }
  }

  private void closed() {
    phase = Phase.CLOSED;
    exchange = null;
    clock.stop();
    if (pending != null && !processing) {
      pending.release();
      pending = null;
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == DrainEvent.DRAIN) {
      draining = true;
      if (phase == Phase.HEAD && !parser.started()) {
        linger();
      }
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      onInputEnded();
    }
    ctx.fireUserEventTriggered(event);
  }

  private void onInputEnded() {
    boolean mayAwaitAnswer = phase == Phase.EXCHANGE && request.ended;
    if (mayAwaitAnswer) {
      draining = true;
      clock.inputEnded();
      settle();
    } else if (phase == Phase.LINGER && !out.writeSideDone()) {
      clock.inputEnded();
      settle();
    } else if (phase != Phase.CLOSED) {
      Exchange left = exchange;
      closed();
      ctx.close();
      if (left != null) {
        left.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Exchange left = exchange;
    closed();
    if (left != null) {
      left.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A client's reset or a broken TLS record is its own affair; anything else is ours.
    if (cause instanceof IOException || cause instanceof io.netty.handler.codec.DecoderException) {
      LOG.debug("connection broke: {}", cause.toString());
    } else {
      LOG.error("connection closed by a fault of ours", cause);
    }
    leave(Fault.of(FaultKind.CLIENT_GONE));
  }
}
