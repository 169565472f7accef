package anycast.edge.protocol;

import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h1.BodyDecoder;
import anycast.backhaul.h1.BodyRead;
import anycast.backhaul.h1.HeadWriter;
import anycast.backhaul.h1.RequestRead;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;

/// One request of an HTTP/1 connection as the engine's [Downstream].
///
/// Upstream decides about `Expect: 100-continue`: the field is passed on and the app's 100 comes
/// back, so a client learns of a refusal before it sends its body.
///
/// **Threading.** The channel's event loop. **Limits.** Request bytes that upstream has not taken
/// stay below the window: above it nothing is read.
final class Http1Downstream implements Downstream {
  private static final AsciiString HEAD = AsciiString.cached("HEAD");

  private final Http1Conversation conversation;
  private final Http1Answer answer;
  private final BodyDecoder decoder;
  private final int windowBytes;
  private final String id;
  private final boolean headMethod;
  private final boolean http10;
  private final boolean keepAlive;
  private final boolean upgrade;

  /// Null until the sink has returned it, and once this is over.
  private Exchange exchange;

  /// The client may hold its body back until it reads 100.
  private boolean awaitsContinue;

  private boolean requestEnded;
  private boolean answered;

  /// 101 is out: bytes of the other protocol both ways.
  private boolean switched;

  /// The response has ended, or the connection: the exchange is told nothing and says nothing.
  private boolean over;

  private int unconsumedBytes;

  Http1Downstream(
      Http1Conversation conversation,
      Http1Answer answer,
      BodyDecoder decoder,
      int windowBytes,
      String id,
      RequestRead.Complete read) {
    this.conversation = conversation;
    this.answer = answer;
    this.decoder = decoder;
    this.windowBytes = windowBytes;
    this.id = id;
    headMethod = read.head().method().contentEquals(HEAD);
    http10 = read.http10();
    keepAlive = read.keepAlive();
    upgrade = read.head().upgrade() != null;
    awaitsContinue = read.expectsContinue() && read.framing().hasBody();
    requestEnded = !upgrade && !read.framing().hasBody();
  }

  /// @param begun null where the request was answered on the spot
  void begun(Exchange begun) {
    if (!over) {
      exchange = begun;
    }
  }

  boolean requestEnded() {
    return requestEnded;
  }

  boolean keepAlive() {
    return keepAlive && !upgrade;
  }

  /// What is to come of the body is only worth a new connection.
  boolean restIsTooMuch(int drainBytes) {
    return !requestEnded && (awaitsContinue || decoder.remainingBytes() > drainBytes);
  }

  HeadWriter.Recipient recipient(boolean close) {
    return new HeadWriter.Recipient(headMethod, http10, !close);
  }

  /// Whether what comes next belongs to this request and not to a later one.
  boolean takesBytes() {
    return upgrade ? switched : !requestEnded;
  }

  /// Whether there is room for it.
  boolean hasRoom() {
    return unconsumedBytes < windowBytes;
  }

  /// Whether it is the client's turn to send more of a body.
  boolean awaitsBody() {
    return !upgrade && !requestEnded && !awaitsContinue && hasRoom();
  }

  /// Passes on what has come.
  ///
  /// @return whether to go on
  boolean read(ByteBuf in) {
    if (exchange == null || !takesBytes() || !hasRoom()) {
      return false;
    }
    int credit = windowBytes - unconsumedBytes;
    if (switched) {
      pass(in.readRetainedSlice(Math.min(credit, in.readableBytes())), false);
      return true;
    }
    awaitsContinue = false;
    return switch (decoder.read(in, credit)) {
      case BodyRead.Incomplete _ -> false;
      case BodyRead.Part(ByteBuf bytes, boolean end) -> {
        conversation.onBodyBytes(bytes.readableBytes());
        pass(bytes, end);
        yield true;
      }
      case BodyRead.End(Fields trailers) -> {
        if (trailers == null) {
          pass(Unpooled.EMPTY_BUFFER, true);
        } else {
          requestEnded = true;
          exchange.onRequestTrailers(trailers);
        }
        yield true;
      }
      case BodyRead.Refused(Fault fault) -> {
        conversation.onMalformed(fault);
        breakOff(fault);
        yield true;
      }
    };
  }

  private void pass(ByteBuf bytes, boolean end) {
    unconsumedBytes += bytes.readableBytes();
    requestEnded = end;
    exchange.onRequestData(bytes, end);
  }

  @Override
  public void consumed(int bytes) {
    if (!over) {
      unconsumedBytes -= bytes;
      conversation.onRoom();
    }
  }

  /// The socket took this many bytes of the response.
  void onSent(int bytes) {
    if (exchange != null) {
      exchange.onResponseSent(bytes);
    }
  }

  @Override
  public void sendInformational(ResponseHead head) {
    boolean continues = head.status() == 100;
    if (over || http10 || answered || (continues && !awaitsContinue)) {
      return;
    }
    if (continues) {
      awaitsContinue = false;
    }
    answer.informational(head);
  }

  @Override
  public void sendHead(ResponseHead head, boolean end) {
    if (over || answered) {
      return;
    }
    if (head.status() == 101 && !upgrade) {
      breakOff(Fault.of(FaultKind.APP_PROTOCOL, "101 that nobody asked for"));
      return;
    }
    answered = true;
    switched = head.status() == 101;
    answer.head(head, recipient(conversation.closesAfter(this, end)), end);
    if (end) {
      end();
    }
  }

  @Override
  public void sendData(ByteBuf data, boolean end) {
    if (over || !answered) {
      data.release();
      return;
    }
    conversation.onResponseBytes();
    endOrReset(answer.data(data, end), end);
  }

  @Override
  public void sendTrailers(Fields trailers) {
    if (!over && answered) {
      endOrReset(answer.trailers(trailers), true);
    }
  }

  @Override
  public void sendFault(Fault fault) {
    if (over) {
      return;
    }
    exchange = null;
    if (answered) {
      over = true;
      conversation.reset();
    } else {
      boolean close =
          fault.kind().side() == FaultKind.Side.CLIENT || conversation.closesAfter(this, true);
      answered = true;
      answer.fault(fault, id, recipient(close));
      end();
    }
  }

  private void endOrReset(boolean fits, boolean end) {
    if (fits && end) {
      end();
    } else if (!fits) {
      Exchange broken = exchange;
      over = true;
      exchange = null;
      conversation.reset();
      // At its end an exchange ends by itself.
      if (!end && broken != null) {
        broken.onDownstreamGone(Fault.of(FaultKind.APP_PROTOCOL, "body is not of its length"));
      }
    }
  }

  private void end() {
    over = true;
    exchange = null;
    conversation.onResponseEnd(this);
  }

  /// Ends a request that went wrong in the middle: answered where no head is out, else reset.
  void breakOff(Fault fault) {
    Exchange broken = exchange;
    over = true;
    exchange = null;
    if (answered) {
      conversation.reset();
    } else {
      answered = true;
      answer.fault(fault, id, recipient(true));
      conversation.linger();
    }
    if (broken != null) {
      broken.onDownstreamGone(fault);
    }
  }

  /// The connection is gone.
  void onGone(Fault fault) {
    Exchange left = exchange;
    over = true;
    exchange = null;
    if (left != null) {
      left.onDownstreamGone(fault);
    }
  }
}
