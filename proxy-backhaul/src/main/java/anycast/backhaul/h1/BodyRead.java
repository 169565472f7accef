package anycast.backhaul.h1;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;

/// What a [BodyDecoder] found.
public sealed interface BodyRead {
  /// Nothing to be said before more bytes come.
  enum Incomplete implements BodyRead {
    MORE
  }

  /// Some of the body, at least one byte.
  ///
  /// @param bytes belongs to the caller
  /// @param end the body ends here
  record Part(ByteBuf bytes, boolean end) implements BodyRead {}

  /// The body has ended.
  ///
  /// @param trailers null where there were none
  record End(Fields trailers) implements BodyRead {}

  /// Not the framing that the head announced; the connection is to be closed.
  record Refused(Fault fault) implements BodyRead {}
}
