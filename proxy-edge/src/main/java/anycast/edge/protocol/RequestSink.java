package anycast.edge.protocol;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.head.RequestHead;
import io.netty.channel.EventLoop;

/// Where a protocol's requests go: the edge's walk. May be one object a connection, when the walk
/// wants to know what the handshake said.
///
/// **Threading.** The connection's event loop.
public interface RequestSink {
  /// A fresh id for [Arrival#id].
  String newExchangeId();

  /// Begins one request. Calls of `downstream` may come before this returns.
  ///
  /// @param end no request body follows; false for an upgrade
  /// @return null when it has been answered, head and end or fault, before returning
  Exchange begin(
      Downstream downstream, RequestHead head, Arrival arrival, boolean end, EventLoop loop);
}
