package anycast.backhaul.h1;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.ResponseHead;

/// What a [ResponseParser] found.
public sealed interface ResponseRead {
  /// The head has not ended yet; all bytes are taken.
  enum Incomplete implements ResponseRead {
    MORE
  }

  /// A head; the reader index stands on the byte behind it. After an informational one, which has
  /// no body, the parser reads the next. After 101 the framing is `UNTIL_CLOSE`: the other
  /// protocol's bytes.
  ///
  /// @param keepAlive whether the connection may carry another request after this response
  record Complete(ResponseHead head, Framing framing, boolean keepAlive) implements ResponseRead {}

  /// Not HTTP/1; the connection is to be closed.
  record Refused(Fault fault) implements ResponseRead {}
}
