package anycast.backhaul.exchange;

import io.netty.channel.EventLoop;

/// Begins exchanges: what all exchanges of a process share.
public final class Exchanges {
  public Exchanges(Connector connector) {}

  /// Begins the walk over the plan's candidates.
  ///
  /// @param end no request body follows
  /// @param loop the downstream's event loop, where all of the exchange lives
  public Exchange begin(Downstream downstream, Plan.Forward plan, boolean end, EventLoop loop) {
    throw new UnsupportedOperationException();
  }
}
