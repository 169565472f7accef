package anycast.backhaul.h1;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

public final class BodyWriter {
  /// Where the framed bytes go; buffers belong to it.
  @FunctionalInterface
  public interface Out {
    void write(ByteBuf bytes);
  }

  /// Makes ready for a body; call for each.
  public void begin(Framing framing) {}

  /// Writes some body.
  ///
  /// @param data belongs to the writer
  /// @return false when this is more or, at the end, less than the framing announced: what was
  ///   written is not complete and the connection has to be reset
  public boolean write(ByteBuf data, boolean end, ByteBufAllocator allocator, Out out) {
    throw new UnsupportedOperationException();
  }

  /// Ends the body with trailers; dropped where the framing has no place for them.
  ///
  /// @return as [#write]
  public boolean writeTrailers(Fields trailers, ByteBufAllocator allocator, Out out) {
    throw new UnsupportedOperationException();
  }
}
