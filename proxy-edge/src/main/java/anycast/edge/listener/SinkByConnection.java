package anycast.edge.listener;

import anycast.edge.protocol.RequestSink;
import anycast.edge.request.Secured;
import io.netty.channel.EventLoop;

/// Where the requests of one connection go: made once it is known what the handshake said.
@FunctionalInterface
public interface SinkByConnection {
  RequestSink sink(Secured secured, EventLoop loop);
}
