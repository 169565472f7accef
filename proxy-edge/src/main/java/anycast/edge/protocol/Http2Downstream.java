package anycast.edge.protocol;

import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;

/// One stream of a client as the engine's [Downstream].
///
/// The response's end is the exchange's end. A request that is still coming then is told to stop,
/// with RST_STREAM(NO_ERROR) once the response has left (RFC 9113 §8.1), and what comes until then
/// is dropped with its window given back.
///
/// **Threading.** The connection's event loop.
final class Http2Downstream extends Unread.Share implements Downstream, StreamEvents {
  private static final AsciiString HEAD = AsciiString.cached("HEAD");
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

  private final Http2Connection connection;
  private final H2Stream stream;
  private final String id;
  private final boolean headMethod;

  /// Null until the walk has begun it, and where it was answered on the spot.
  private Exchange exchange;

  private boolean requestEnded;
  private boolean headSent;
  private boolean responseEnded;

  /// Nothing more comes or goes.
  private boolean over;

  /// Set when the client took something, or something came that it may take; cleared by the timer.
  private boolean progressed = true;

  private long stalledSinceNanos;

  /// Neighbours in the connection's list, which owns these two.
  Http2Downstream before;

  Http2Downstream after;

  Http2Downstream(
      Http2Connection connection, H2Stream stream, AsciiString method, String id, boolean end) {
    super(connection.unread());
    this.connection = connection;
    this.stream = stream;
    this.id = id;
    headMethod = method.contentEquals(HEAD);
    requestEnded = end;
  }

  /// @param begun null where the request was answered before it became an exchange
  void begun(Exchange begun) {
    exchange = begun;
  }

  @Override
  public void sendInformational(ResponseHead head) {
    if (!headSent) {
      stream.sendHead(head, false);
    }
  }

  @Override
  public void sendHead(ResponseHead head, boolean end) {
    headSent = true;
    responseEnded = end;
    stream.sendHead(head, end);
    settle();
  }

  @Override
  public void sendData(ByteBuf data, boolean end) {
    if (responseEnded || over) {
      data.release();
      return;
    }
    progressed |= unreadBytes() == 0;
    onWaiting(data.readableBytes());
    responseEnded = end;
    stream.sendData(data, end);
    settle();
  }

  @Override
  public void sendTrailers(Fields trailers) {
    responseEnded = true;
    stream.sendTrailers(trailers);
    settle();
  }

  @Override
  public void sendFault(Fault fault) {
    if (over || responseEnded) {
      return;
    }
    if (headSent) {
      finish();
      stream.reset(fault.kind().reset());
      return;
    }
    exchange = null;
    ResponseHead head = connection.answers().answer(fault, id);
    byte[] body = connection.answers().body(fault, id);
    head.fields().add(CONTENT_LENGTH, Integer.toString(body.length));
    boolean bare = headMethod || body.length == 0;
    sendHead(head, bare);
    if (!bare) {
      sendData(Unpooled.wrappedBuffer(body), true);
    }
  }

  @Override
  public void consumed(int bytes) {
    stream.consumed(bytes);
  }

  @Override
  public void onHead(ResponseHead head, boolean end) {
    throw new IllegalStateException("a server's stream has its head already");
  }

  @Override
  public void onData(ByteBuf data, boolean end) {
    requestEnded |= end;
    if (exchange == null || responseEnded) {
      int bytes = data.readableBytes();
      data.release();
      stream.consumed(bytes);
    } else {
      exchange.onRequestData(data, end);
    }
    settle();
  }

  @Override
  public void onTrailers(Fields trailers) {
    requestEnded = true;
    if (exchange != null && !responseEnded) {
      exchange.onRequestTrailers(trailers);
    }
    settle();
  }

  @Override
  public void onSent(int bytes) {
    onTaken(bytes);
    progressed = true;
    if (exchange != null) {
      exchange.onResponseSent(bytes);
    }
    settle();
  }

  @Override
  public void onReset(int errorCode) {
    gone(Fault.of(FaultKind.CLIENT_GONE, "stream reset with code " + errorCode));
  }

  @Override
  public void onStalled() {
    gone(Fault.of(FaultKind.APP_TIMEOUT, "app takes nothing of the request"));
  }

  @Override
  public void onConnectionLost() {
    gone(Fault.of(FaultKind.CLIENT_GONE, "connection lost"));
  }

  /// Gives up on a client that takes nothing of what waits for it.
  void onTimer(long nowNanos, long stallNanos) {
    if (progressed || unreadBytes() == 0) {
      progressed = false;
      stalledSinceNanos = nowNanos;
    } else if (nowNanos - stalledSinceNanos >= stallNanos) {
      giveUp();
    }
  }

  @Override
  void giveUp() {
    stream.reset(H2Code.CANCEL);
    gone(Fault.of(FaultKind.CLIENT_STALLED));
  }

  private void gone(Fault fault) {
    if (over) {
      return;
    }
    finish();
    if (exchange != null) {
      exchange.onDownstreamGone(fault);
    }
  }

  /// After each step: the response has left, so what remains of the request is not wanted.
  private void settle() {
    if (over || !responseEnded || unreadBytes() > 0) {
      return;
    }
    finish();
    if (!requestEnded) {
      stream.reset(H2Code.NO_ERROR);
    }
  }

  private void finish() {
    over = true;
    onNoneLeft();
    connection.unlink(this);
  }
}
