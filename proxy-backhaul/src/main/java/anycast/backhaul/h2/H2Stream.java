package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;

/// One stream, as its user holds it. Calls after the stream has ended do nothing but release.
///
/// **Threading.** The connection's event loop. **Ownership.** Buffers handed in belong to the
/// connection. **Flow.** Data that no window admits waits inside the stream; the user bounds it by
/// not handing in more than [StreamEvents#onSent] has returned.
public interface H2Stream {
  int id();

  /// Server role: informational heads, then the final one.
  void sendHead(ResponseHead head, boolean end);

  void sendData(ByteBuf data, boolean end);

  /// Ends our side with trailers.
  void sendTrailers(Fields trailers);

  /// Abrupt end of both sides with this error code (RFC 9113 §7). No event follows.
  void reset(int errorCode);

  /// Returns receive window for data that was passed on, to the stream and the connection.
  void consumed(int bytes);

  /// Raises this stream's receive window beyond the initial one, as far as half of the connection's
  /// window is not given to other streams so.
  void widenWindow(int bytes);
}
