package anycast.backhaul.h1;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;

/// What a [RequestParser] found.
public sealed interface RequestRead {
  /// The head has not ended yet; all bytes are taken.
  enum Incomplete implements RequestRead {
    MORE
  }

  /// A head; the reader index stands on the byte behind it.
  ///
  /// @param framing of the body; `NONE` for an upgrade
  /// @param keepAlive whether the client takes another request after this one
  /// @param http10 the client speaks 1.0: no chunks and no 1xx for it
  /// @param expectsContinue the client may wait for 100 before it sends the body; `expect` stays in
  ///   the fields
  record Complete(
      RequestHead head, Framing framing, boolean keepAlive, boolean http10, boolean expectsContinue)
      implements RequestRead {}

  /// Not a request that may be served. The connection has no sync any more and is to be closed
  /// after the answer; nothing behind this may be read as a request.
  record Refused(Fault fault) implements RequestRead {}
}
