package anycast.backhaul.exchange;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/// The beginning of a request body, kept until the worker has proven that it took the request.
///
/// A worker widens a stream's first window only when the app's connection stands. So as long as no
/// more than that window was sent, a refusal is followed by the whole body once more; the first
/// byte beyond it, or a response head, drops the copy.
///
/// **Threading.** The exchange's event loop. **Ownership.** Holds one reference of each buffer.
/// **Limits.** The downstream's receive window plus the link's first window.
final class Replay {
  private final int windowBytes;
  private ArrayDeque<ByteBuf> kept;
  private Fields trailers;
  private boolean whole = true;
  private long sentBytes;
  private long creditedBytes;

  /// @param windowBytes bytes that may be sent before the other end has taken the request
  Replay(int windowBytes) {
    this.windowBytes = windowBytes;
  }

  /// Whether the request can be sent from its beginning.
  boolean whole() {
    return whole;
  }

  /// Keeps a reference of its own.
  void keep(ByteBuf data) {
    if (whole && windowBytes > 0) {
      if (kept == null) {
        kept = new ArrayDeque<>();
      }
      kept.add(data.retainedDuplicate());
    } else if (whole && data.isReadable()) {
      whole = false;
    }
  }

  void keepTrailers(Fields fields) {
    trailers = fields;
  }

  /// Counts bytes that the attempt sent.
  ///
  /// @return how many of them the downstream has not been credited with yet
  int sent(int bytes) {
    sentBytes += bytes;
    if (sentBytes > windowBytes) {
      drop();
    }
    long fresh = sentBytes - creditedBytes;
    if (fresh <= 0) {
      return 0;
    }
    creditedBytes = sentBytes;
    return (int) fresh;
  }

  /// Hands the body so far to a new attempt.
  void into(Upstream upstream, boolean ended) {
    sentBytes = 0;
    boolean endWithData = ended && trailers == null;
    int left = kept == null ? 0 : kept.size();
    if (left > 0) {
      for (ByteBuf data : kept) {
        left--;
        upstream.sendData(data.retainedDuplicate(), endWithData && left == 0);
      }
    }
    if (ended && trailers != null) {
      upstream.sendTrailers(trailers);
    }
  }

  boolean isEmpty() {
    return kept == null && trailers == null;
  }

  /// The request was taken: no way back.
  void drop() {
    whole = false;
    if (kept != null) {
      kept.forEach(ByteBuf::release);
      kept = null;
    }
  }
}
