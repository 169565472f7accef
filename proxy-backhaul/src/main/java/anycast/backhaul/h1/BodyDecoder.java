package anycast.backhaul.h1;

import anycast.backhaul.fault.FaultKind;
import io.netty.buffer.ByteBuf;

public final class BodyDecoder {
  /// @param kind of the faults: `BAD_REQUEST` or `APP_PROTOCOL`
  public BodyDecoder(FaultKind kind) {}

  /// Makes ready for a body; call for each.
  public void begin(Framing framing) {}

  /// Next thing in `in`. Call until it says `Incomplete`, `End`, `Refused`, or a part with `end`.
  ///
  /// @param maxBytes most bytes of a part, at least 1
  public BodyRead read(ByteBuf in, int maxBytes) {
    throw new UnsupportedOperationException();
  }
}
