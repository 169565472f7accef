package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/// Data of one stream that no window has admitted yet, and how it ends.
///
/// **Ownership.** Holds its buffers until polled or cleared. **Limits.** None of its own: the
/// stream's user hands in no more than was reported as sent.
final class SendQueue {
  private ByteBuf first;
  private ArrayDeque<ByteBuf> rest;
  private int bytes;
  private boolean ended;
  private Fields trailers;

  boolean isEmpty() {
    return bytes == 0;
  }

  int bytes() {
    return bytes;
  }

  void add(ByteBuf data) {
    bytes += data.readableBytes();
    if (first == null) {
      first = data;
      return;
    }
    if (rest == null) {
      rest = new ArrayDeque<>(4);
    }
    rest.add(data);
  }

  /// At most this many bytes from the front; fewer where a buffer ends.
  ByteBuf poll(int max) {
    if (first.readableBytes() > max) {
      bytes -= max;
      return first.readRetainedSlice(max);
    }
    ByteBuf whole = first;
    bytes -= whole.readableBytes();
    first = rest == null ? null : rest.poll();
    return whole;
  }

  /// After the data END_STREAM.
  void end() {
    ended = true;
  }

  boolean ended() {
    return ended;
  }

  /// After the data these trailers.
  void end(Fields fields) {
    ended = true;
    trailers = fields;
  }

  Fields trailers() {
    return trailers;
  }

  void clear() {
    while (first != null) {
      first.release();
      first = rest == null ? null : rest.poll();
    }
    bytes = 0;
    trailers = null;
  }
}
