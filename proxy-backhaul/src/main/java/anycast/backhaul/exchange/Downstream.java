package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;

/// Who asks: one request of a client, seen from the engine. On the edge a public connection's
/// request, on a worker one stream of a link.
///
/// It calls the [Exchange] with what the client does and is called with what goes back.
///
/// **Threading.** One event loop, the exchange's. **Ownership.** Buffers handed in belong to the
/// callee. **Flow.** For every byte of response data it calls [Exchange#onResponseSent] once these
/// bytes are on their way to the socket and the socket takes more; it delivers no more than its
/// window of request bytes until [#consumed] returns them.
public interface Downstream {
  /// A 1xx head other than 101.
  void sendInformational(ResponseHead head);

  /// The final head, or 101 after which `sendData` carries the other protocol's bytes.
  void sendHead(ResponseHead head, boolean end);

  void sendData(ByteBuf data, boolean end);

  /// Ends the response with trailers.
  void sendTrailers(Fields trailers);

  /// Ends it badly: an answer where no head has been sent, else a reset or a close.
  void sendFault(Fault fault);

  /// The upstream took this many bytes of request data: room for as many more.
  void consumed(int bytes);
}
