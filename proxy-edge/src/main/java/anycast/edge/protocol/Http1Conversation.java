package anycast.edge.protocol;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h1.BodyDecoder;
import anycast.backhaul.h1.BodyRead;
import anycast.backhaul.h1.RequestParser;
import anycast.backhaul.h1.RequestRead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// What goes on over one public HTTP/1 connection: requests one after the other, each an exchange.
///
/// Bytes of the next request wait unread, or in `pending` as far as they have come, until this one
/// is over: there is no queue of requests. A malformed head, a malformed body and a refused upgrade
/// end the connection, so that nothing behind them is ever read as a request.
///
/// A client that closes its side has left, and what works for it is cancelled. One that has sent a
/// whole request over a plain connection may have closed its sending side only, which looks the
/// same: it gets a second for the answer, counted from the last byte that it was given. TLS
/// libraries answer a close with a close, so there it means that it left.
///
/// **Threading.** The channel's event loop. **Limits.** [Http1Limits]; one timer, re-armed.
/// **Faults.** Answered where no head is out, else the connection is reset.
final class Http1Conversation {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  /// Bytes of later requests that may wait in memory; reading up to here tells that a client left.
  private static final int PIPELINED_BYTES = 16 << 10;

  /// Bytes dropped while the client takes our last answer; then it gets a reset.
  private static final int LINGER_BYTES = 1 << 20;

  private final Served served;
  private final Http1Limits limits;
  private final ChannelHandlerContext ctx;
  private final InetAddress client;
  private final ResponseOut out;
  private final Http1Answer answer;
  private final RequestParser parser;
  private final BodyDecoder decoder = new BodyDecoder(FaultKind.BAD_REQUEST);
  private final Http1Clock clock;

  private Http1Phase phase = Http1Phase.HEAD;
  private ByteBuf pending;

  /// The request in EXCHANGE, else null.
  private Http1Downstream request;

  private int requests;
  private boolean draining;
  private boolean inputEnded;

  /// Bytes read and dropped, of one request's rest or of the connection's.
  private int droppedBytes;

  private boolean processing;
  private boolean readWaits;

  /// Begins it; the channel is active.
  Http1Conversation(Served served, Http1Limits limits, ChannelHandlerContext ctx) {
    this.served = served;
    this.limits = limits;
    this.ctx = ctx;
    client =
        ctx.channel().remoteAddress() instanceof InetSocketAddress address
            ? address.getAddress()
            : InetAddress.getLoopbackAddress();
    Runnable giveUp = () -> leave(FaultKind.CLIENT_STALLED);
    out = new ResponseOut(ctx, this::onWritable, served.unread(), giveUp);
    answer = new Http1Answer(out, ctx.alloc(), served.answers());
    parser = new RequestParser(served.tls() ? HTTPS : HTTP);
    clock = new Http1Clock(limits, served.ticker(), this::onTimer);
    clock.start(ctx.channel().eventLoop());
    settle();
  }

  void onBytes(ByteBuf bytes) {
    pending =
        pending == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, bytes);
    process();
  }

  void onReadComplete() {
    readWaits = false;
    settle();
  }

  /// The socket takes more, or has been given what there was.
  void onWritable() {
    int bytes = out.takeReturnable();
    if (bytes > 0 && request != null) {
      request.onSent(bytes);
    }
    onRoom();
  }

  /// Something that waited may go on.
  void onRoom() {
    if (!processing) {
      process();
      settle();
    }
  }

  /// Takes what has come as far as it can be taken now.
  private void process() {
    processing = true;
    try {
      while (pending != null && pending.isReadable() && step()) {
        continue;
      }
    } finally {
      processing = false;
    }
    if (pending != null && (!pending.isReadable() || phase == Http1Phase.CLOSED)) {
      pending.release();
      pending = null;
    }
  }

  /// @return whether to go on
  private boolean step() {
    return switch (phase) {
      case HEAD -> out.writable() && readHead();
      case EXCHANGE -> request.read(pending);
      case REST -> readRest();
      case LINGER -> drop();
      case CLOSED -> false;
    };
  }

  private boolean readHead() {
    clock.onHeadBytes();
    return switch (parser.read(pending)) {
      case RequestRead.Incomplete _ -> false;
      case RequestRead.Complete read -> {
        begin(read);
        yield true;
      }
      case RequestRead.Refused(Fault fault) -> {
        onMalformed(fault);
        refuse(fault);
        yield true;
      }
    };
  }

  private void begin(RequestRead.Complete read) {
    requests++;
    droppedBytes = 0;
    RequestSink sink = served.sink();
    String id = sink.newExchangeId();
    Arrival arrival =
        new Arrival(
            id,
            client,
            served.port(),
            served.tls(),
            read.http10() ? "1.0" : "1.1",
            clock.headStartNanos());
    clock.onHeadEnd();
    if (inputEnded) {
      clock.onInputEnd();
    }
    decoder.begin(read.framing());
    Http1Downstream begun =
        new Http1Downstream(this, answer, decoder, limits.windowBytes(), id, read);
    request = begun;
    phase = Http1Phase.EXCHANGE;
    begun.begun(
        sink.begin(begun, read.head(), arrival, begun.requestEnded(), ctx.channel().eventLoop()));
  }

  /// Reads what is left of a body that nobody wants, if it is little.
  private boolean readRest() {
    return switch (decoder.read(pending, limits.drainBytes())) {
      case BodyRead.Incomplete _ -> false;
      case BodyRead.Part(ByteBuf bytes, boolean end) -> {
        clock.onBodyBytes(bytes.readableBytes());
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
    if (droppedBytes > LINGER_BYTES) {
      reset();
    }
    return false;
  }

  /// Reads on where somebody has room, and arms the timer for what is awaited now.
  private void settle() {
    if (inputEnded && pending == null) {
      endWithInput();
    }
    if (phase == Http1Phase.CLOSED) {
      return;
    }
    if (!readWaits && !inputEnded && wantsBytes()) {
      readWaits = true;
      ctx.read();
    }
    boolean awaitsBody = phase == Http1Phase.REST || request != null && request.awaitsBody();
    clock.arm(phase, parser.started(), out, awaitsBody);
  }

  /// Nothing more comes, and all that came has been taken.
  private void endWithInput() {
    switch (phase) {
      case HEAD, REST -> linger();
      case EXCHANGE -> {
        if (request.takesBytes()) {
          leave(FaultKind.CLIENT_GONE);
        }
      }
      case LINGER, CLOSED -> {}
    }
  }

  private boolean wantsBytes() {
    return switch (phase) {
      case HEAD -> out.writable();
      case EXCHANGE ->
          request.takesBytes()
              ? request.hasRoom()
              : pending == null || pending.readableBytes() < PIPELINED_BYTES;
      case REST, LINGER -> true;
      case CLOSED -> false;
    };
  }

  void onBodyBytes(int count) {
    clock.onBodyBytes(count);
  }

  void onResponseBytes() {
    clock.onResponseBytes();
  }

  void onMalformed(Fault fault) {
    served.refusals().onRefused(ctx.channel().remoteAddress(), fault);
  }

  /// Whether the connection ends with this response.
  ///
  /// @param end the response has no body
  boolean closesAfter(Http1Downstream asked, boolean end) {
    return !asked.keepAlive()
        || draining
        || requests >= limits.requests()
        || (end && asked.restIsTooMuch(limits.drainBytes()));
  }

  /// What waits behind goes on with the flush, outside of the caller.
  void onResponseEnd(Http1Downstream ended) {
    out.forgetOwed();
    request = null;
    if (answer.closes() || ended.restIsTooMuch(limits.drainBytes())) {
      linger();
    } else if (ended.requestEnded()) {
      nextRequest();
    } else {
      phase = Http1Phase.REST;
    }
  }

  private void nextRequest() {
    if (draining) {
      linger();
    } else {
      phase = Http1Phase.HEAD;
      clock.onIdle();
    }
  }

  private void refuse(Fault fault) {
    answer.refuse(fault, served.sink().newExchangeId());
    linger();
  }

  /// Ends the connection from our side: nothing that comes is looked at any more.
  void linger() {
    phase = Http1Phase.LINGER;
    request = null;
    droppedBytes = 0;
    out.end(this::onWriteSideEnd);
  }

  private void onWriteSideEnd() {
    if (inputEnded) {
      ctx.close();
    } else {
      clock.onLinger();
      settle();
    }
  }

  /// Ends it so that the client sees that something is missing.
  void reset() {
    close();
    out.reset();
  }

  private void close() {
    phase = Http1Phase.CLOSED;
    request = null;
    out.forgetUnread();
    clock.stop();
    if (pending != null && !processing) {
      pending.release();
      pending = null;
    }
  }

  private void onTimer() {
    switch (clock.due(phase, parser.started(), out)) {
      case NOTHING -> {}
      case HEAD_SLOW -> refuse(Fault.of(FaultKind.REQUEST_TIMEOUT));
      case IDLE -> ctx.close();
      case BODY_SLOW -> {
        if (request == null) {
          linger();
        } else {
          request.breakOff(Fault.of(FaultKind.REQUEST_TIMEOUT));
        }
      }
      case STALLED -> leave(FaultKind.CLIENT_STALLED);
      case GONE -> leave(FaultKind.CLIENT_GONE);
    }
    settle();
  }

  /// Ends it and the request under way.
  void leave(FaultKind why) {
    Http1Downstream left = request;
    reset();
    if (left != null) {
      left.onGone(Fault.of(why));
    }
  }

  /// The process stops: an idle connection ends now, a busy one behind its answer. One that has not
  /// carried a request yet may have its first one under way, which no client would send again: it
  /// is served, if it comes within the time for a head.
  void onDrain() {
    draining = true;
    if (phase == Http1Phase.HEAD && !parser.started() && requests > 0) {
      linger();
    }
  }

  /// The client closed its sending side.
  void onInputEnd() {
    inputEnded = true;
    clock.onInputEnd();
    if (phase == Http1Phase.LINGER && out.writeSideDone()) {
      ctx.close();
    }
    settle();
  }

  /// The channel is gone, or somebody else's now.
  void onGone() {
    Http1Downstream left = request;
    close();
    if (left != null) {
      left.onGone(Fault.of(FaultKind.CLIENT_GONE));
    }
  }
}
