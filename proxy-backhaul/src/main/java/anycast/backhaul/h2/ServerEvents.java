package anycast.backhaul.h2;

import anycast.backhaul.head.RequestHead;

/// What a server's connection tells its owner.
///
/// **Threading.** The connection's event loop.
public interface ServerEvents extends ConnectionEvents {
  /// A request with a valid head. `authority` is empty where the client named no host; a plain
  /// CONNECT has empty `scheme` and `path`.
  ///
  /// @param end nothing follows the head
  /// @return who hears the stream's events, never null
  StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end);
}
