package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;

/// What an [Upstream] tells the engine. Ends with `end`, trailers or a fault, exactly once.
///
/// **Threading.** One event loop, the exchange's. **Ownership.** Buffers belong to the callee.
public interface UpstreamEvents {
  /// A head: informational ones first, then one final or 101.
  void onResponseHead(ResponseHead head, boolean end);

  void onResponseData(ByteBuf data, boolean end);

  void onResponseTrailers(Fields trailers);

  /// This many bytes of request data are on their way and there is room for more.
  void onRequestSent(int bytes);

  /// The attempt failed; nothing more comes.
  void onUpstreamFault(Fault fault);
}
