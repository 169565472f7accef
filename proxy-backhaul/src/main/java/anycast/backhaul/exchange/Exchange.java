package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;

/// One request with its response.
public final class Exchange {
  /// Request data; the buffer belongs to the exchange.
  public void onRequestData(ByteBuf data, boolean end) {
    throw new UnsupportedOperationException();
  }

  /// The request ends with trailers.
  public void onRequestTrailers(Fields trailers) {
    throw new UnsupportedOperationException();
  }

  /// The downstream handed this many bytes of response data to its socket and takes more.
  public void onResponseSent(int bytes) {
    throw new UnsupportedOperationException();
  }

  /// The client left, stalled or broke the protocol: whatever works for it is cancelled.
  public void onDownstreamGone(Fault fault) {
    throw new UnsupportedOperationException();
  }
}
