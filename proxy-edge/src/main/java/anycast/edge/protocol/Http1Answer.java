package anycast.edge.protocol;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h1.BodyWriter;
import anycast.backhaul.h1.Framing;
import anycast.backhaul.h1.HeadWriter;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;

/// Writes responses, those of apps and our own, one after the other.
///
/// **Threading.** The connection's event loop.
final class Http1Answer {
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
  private static final AsciiString WEBSOCKET_VERSION = AsciiString.cached("sec-websocket-version");
  private static final AsciiString THIRTEEN = AsciiString.cached("13");
  private static final HeadWriter.Recipient UNKNOWN = new HeadWriter.Recipient(false, false, false);
  private static final int HEAD_BYTES = 512;

  private final ResponseOut out;
  private final BodyWriter.Out body;
  private final ByteBufAllocator allocator;
  private final FaultAnswers answers;
  private final BodyWriter writer = new BodyWriter();
  private boolean closes;

  Http1Answer(ResponseOut out, ByteBufAllocator allocator, FaultAnswers answers) {
    this.out = out;
    this.body = out::write;
    this.allocator = allocator;
    this.answers = answers;
  }

  /// Whether the last head announced that the connection ends.
  boolean closes() {
    return closes;
  }

  void informational(ResponseHead head) {
    ByteBuf bytes = allocator.buffer(HEAD_BYTES);
    HeadWriter.writeInformational(bytes, head);
    out.write(bytes);
  }

  void head(Http1Request request, ResponseHead head, boolean close, boolean end) {
    request.answered = true;
    request.switched = head.status() == 101;
    write(head, request.recipient(close), close, end);
  }

  private void write(
      ResponseHead head, HeadWriter.Recipient recipient, boolean close, boolean end) {
    ByteBuf bytes = allocator.buffer(HEAD_BYTES);
    Framing framing = HeadWriter.writeResponse(bytes, head, recipient, end);
    out.write(bytes);
    closes = close || framing.kind() == Framing.Kind.UNTIL_CLOSE;
    writer.begin(framing);
  }

  /// @return whether the body still fits its framing
  boolean data(ByteBuf data, boolean end) {
    return writer.write(data, end, allocator, body);
  }

  /// @return as [#data]
  boolean trailers(Fields trailers) {
    return writer.writeTrailers(trailers, allocator, body);
  }

  void fault(Http1Request request, Fault fault, boolean close) {
    request.answered = true;
    own(fault, request.id, request.recipient(close), close);
  }

  /// Answers what never became a request.
  void refuse(Fault fault, String id) {
    own(fault, id, UNKNOWN, true);
  }

  private void own(Fault fault, String id, HeadWriter.Recipient recipient, boolean close) {
    ResponseHead head = answers.answer(fault, id);
    byte[] text = answers.body(fault, id);
    head.fields().set(CONTENT_LENGTH, Integer.toString(text.length));
    if (fault.kind() == FaultKind.UPGRADE_UNSUPPORTED) {
      head.fields().set(WEBSOCKET_VERSION, THIRTEEN);
    }
    write(head, recipient, close, false);
    writer.write(Unpooled.wrappedBuffer(text), true, allocator, body);
  }
}
