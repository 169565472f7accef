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

  /// Whether the last final head said that the connection ends.
  boolean closes() {
    return closes;
  }

  void informational(ResponseHead head) {
    ByteBuf bytes = allocator.buffer(HEAD_BYTES);
    HeadWriter.writeInformational(bytes, head);
    out.write(bytes);
  }

  void head(ResponseHead head, HeadWriter.Recipient recipient, boolean end) {
    ByteBuf bytes = allocator.buffer(HEAD_BYTES);
    Framing framing = HeadWriter.writeResponse(bytes, head, recipient, end);
    out.write(bytes);
    closes = !recipient.keepAlive() || framing.kind() == Framing.Kind.UNTIL_CLOSE;
    writer.begin(framing);
  }

  /// @return whether the body still fits its framing
  boolean data(ByteBuf data, boolean end) {
    out.owe(data.readableBytes());
    return writer.write(data, end, allocator, body);
  }

  /// @return as [#data]
  boolean trailers(Fields trailers) {
    out.owe(0);
    return writer.writeTrailers(trailers, allocator, body);
  }

  void fault(Fault fault, String id, HeadWriter.Recipient recipient) {
    ResponseHead head = answers.answer(fault, id);
    byte[] text = answers.body(fault, id);
    head.fields().set(CONTENT_LENGTH, Integer.toString(text.length));
    if (fault.kind() == FaultKind.UPGRADE_UNSUPPORTED) {
      head.fields().set(WEBSOCKET_VERSION, THIRTEEN);
    }
    head(head, recipient, false);
    writer.write(Unpooled.wrappedBuffer(text), true, allocator, body);
  }

  /// Answers what never became a request, and says that the connection ends.
  void refuse(Fault fault, String id) {
    fault(fault, id, UNKNOWN);
  }
}
