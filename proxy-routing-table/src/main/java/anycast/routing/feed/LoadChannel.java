package anycast.routing.feed;

import anycast.routing.model.NodeId;

/// Where workers say how busy their instances are, beside the links: so an edge knows of nodes to
/// which it has no link. What is not delivered is lost; the next report says more.
///
/// **Threading.** Any thread; nothing waits.
public interface LoadChannel extends AutoCloseable {
  /// Says it to all who listen, or to nobody where no connection stands.
  ///
  /// @param lines as [LoadLines] writes them
  void tell(byte[] lines);

  /// Hears what others say.
  @FunctionalInterface
  interface Listener {
    /// **Threading.** The channel's thread, one call at a time.
    ///
    /// @param from the node that spoke
    void onTold(NodeId from, byte[] lines);
  }

  @Override
  void close();
}
