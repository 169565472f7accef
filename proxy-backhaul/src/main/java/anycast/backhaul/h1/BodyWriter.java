package anycast.backhaul.h1;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// Frames a body on its way out.
///
/// **Threading.** One owner. **Ownership.** Buffers handed in belong to the writer, those handed
/// out to [Out].
public final class BodyWriter {
  /// Where the framed bytes go; buffers belong to it.
  @FunctionalInterface
  public interface Out {
    void write(ByteBuf bytes);
  }

  /// Below this, copying into one buffer is cheaper than three entries of a gathering write.
  private static final int COPY_BYTES = 1024;

  /// Eight hex digits, two line ends and the last chunk.
  private static final int FRAME_BYTES = 24;

  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CRLF_BYTES = "\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int CRLF = '\r' << 8 | '\n';

  private Framing.Kind kind = Framing.Kind.NONE;
  private long remaining;

  /// Makes ready for a body; call for each.
  public void begin(Framing framing) {
    kind = framing.kind();
    remaining = framing.length();
  }

  /// Writes some body. Where no body is due it is dropped: the message is complete without it.
  ///
  /// @param data belongs to the writer
  /// @return false when this is more or, at the end, less than the framing announced: the message
  ///   cannot be completed any more and the connection has to be reset
  public boolean write(ByteBuf data, boolean end, ByteBufAllocator allocator, Out out) {
    switch (kind) {
      case NONE -> data.release();
      case LENGTH -> {
        long left = remaining - data.readableBytes();
        if (left < 0 || (end && left > 0)) {
          data.release();
          return false;
        }
        remaining = left;
        pass(data, out);
      }
      case UNTIL_CLOSE -> pass(data, out);
      case CHUNKED -> writeChunk(data, end, allocator, out);
    }
    return true;
  }

  /// Ends the body with trailers; dropped where the framing has no place for them.
  ///
  /// @return as [#write]
  public boolean writeTrailers(Fields trailers, ByteBufAllocator allocator, Out out) {
    if (kind != Framing.Kind.CHUNKED) {
      return remaining == 0;
    }
    ByteBuf last = allocator.buffer(256);
    last.writeByte('0').writeShort(CRLF);
    for (int i = 0; i < trailers.size(); i++) {
      if (TrailerRules.admits(trailers.array(), trailers.nameStart(i), trailers.nameLength(i))) {
        HeadWriter.writeField(last, trailers, i);
      }
    }
    out.write(last.writeShort(CRLF));
    return true;
  }

  private static void pass(ByteBuf data, Out out) {
    if (data.isReadable()) {
      out.write(data);
    } else {
      data.release();
    }
  }

  private void writeChunk(ByteBuf data, boolean end, ByteBufAllocator allocator, Out out) {
    int size = data.readableBytes();
    if (size == 0) {
      data.release();
      if (end) {
        out.write(Unpooled.wrappedBuffer(LAST_CHUNK));
      }
      return;
    }
    boolean copy = size < COPY_BYTES;
    ByteBuf frame = allocator.buffer(copy ? size + FRAME_BYTES : FRAME_BYTES);
    writeSize(frame, size);
    if (copy) {
      frame.writeBytes(data).writeShort(CRLF);
      data.release();
      if (end) {
        frame.writeBytes(LAST_CHUNK);
      }
      out.write(frame);
    } else {
      out.write(frame);
      out.write(data);
      out.write(end ? endOfLastData(allocator) : Unpooled.wrappedBuffer(CRLF_BYTES));
    }
  }

  private static ByteBuf endOfLastData(ByteBufAllocator allocator) {
    return allocator.buffer(FRAME_BYTES).writeShort(CRLF).writeBytes(LAST_CHUNK);
  }

  private static void writeSize(ByteBuf out, int size) {
    int digits = Math.max(1, (35 - Integer.numberOfLeadingZeros(size)) / 4);
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      out.writeByte(HEX[size >> shift & 15]);
    }
    out.writeShort(CRLF);
  }
}
