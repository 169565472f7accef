package anycast.backhaul.h1;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

public final class RequestParser {
  public RequestParser(AsciiString scheme) {}

  public RequestRead read(ByteBuf in) {
    throw new UnsupportedOperationException();
  }
}
