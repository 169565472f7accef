package anycast.backhaul.h1;

import io.netty.buffer.ByteBuf;

public final class ResponseParser {
  /// Makes ready for the response to the next request.
  ///
  /// @param headMethod the request was a HEAD
  /// @param upgradeAsked 101 is a possible answer
  public void begin(boolean headMethod, boolean upgradeAsked) {}

  public ResponseRead read(ByteBuf in) {
    throw new UnsupportedOperationException();
  }
}
