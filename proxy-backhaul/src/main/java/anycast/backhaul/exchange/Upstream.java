package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;

/// What answers: one attempt's stream or connection. On the edge a stream of a link, on a worker a
/// connection to the app.
///
/// **Threading.** One event loop, the exchange's. **Ownership.** Buffers handed in belong to the
/// callee. May be called before the connection stands: then it keeps the data, which is bounded by
/// the downstream's window. **Events.** A call from the engine brings no event before it returns
/// but [UpstreamEvents#onRequestSent].
public interface Upstream {
  void sendData(ByteBuf data, boolean end);

  /// Ends the request with trailers.
  void sendTrailers(Fields trailers);

  /// Gives the attempt up. No event follows. Harmless when it has ended.
  void cancel(Fault why);

  /// The downstream took this many bytes of response data: room for as many more.
  void consumed(int bytes);
}
