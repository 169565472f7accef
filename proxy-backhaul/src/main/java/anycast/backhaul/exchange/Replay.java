package anycast.backhaul.exchange;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/// A request's body as far as it is kept, so that it can be sent from its beginning.
///
/// How much is worth keeping depends on what may follow. A worker widens a stream's first window
/// only when the app's connection stands: as long as no more than that window was sent, a refusal
/// is followed by the whole body once more. What the app may have seen is sent again only where the
/// method is idempotent; for that, more is kept. The first byte sent beyond the limit, a response
/// head, or a process that holds too much drops the copy.
///
/// While an exchange waits for a candidate this is where its body waits, too.
///
/// **Threading.** The exchange's event loop. **Ownership.** Holds one reference of each buffer, and
/// what it took of [KeptBytes]. **Limits.** The limit plus the downstream's receive window.
final class Replay {
  /// What a piece costs beside its bytes: objects, and the rest of a buffer that it shares. Without
  /// it a body in single bytes would be a hundred times what is counted.
  static final int PIECE_BYTES = 256;

  private final KeptBytes budget;
  private int limitBytes = Integer.MAX_VALUE;
  private ArrayDeque<ByteBuf> kept;
  private Fields trailers;
  private boolean whole = true;
  private long chargedBytes;
  private long creditedBytes;

  Replay(KeptBytes budget) {
    this.budget = budget;
  }

  /// Sets how many bytes one attempt may send before the copy is dropped; 0 = nothing is kept.
  void limit(int bytes) {
    limitBytes = bytes;
  }

  /// Whether the request can be sent from its beginning.
  boolean whole() {
    return whole;
  }

  boolean isEmpty() {
    return kept == null && trailers == null;
  }

  /// Keeps a reference of its own.
  ///
  /// @return false where the process holds too much already: the copy is dropped
  boolean keep(ByteBuf data) {
    if (!whole) {
      return true;
    }
    if (limitBytes == 0) {
      whole = !data.isReadable();
      return true;
    }
    int bytes = data.readableBytes() + PIECE_BYTES;
    if (!budget.take(bytes)) {
      drop();
      return false;
    }
    chargedBytes += bytes;
    if (kept == null) {
      kept = new ArrayDeque<>();
    }
    kept.add(data.retainedDuplicate());
    return true;
  }

  void keepTrailers(Fields fields) {
    trailers = fields;
  }

  /// An attempt has sent this many bytes in all.
  ///
  /// @return how many of them the downstream has not been credited with yet
  int sent(long attemptBytes) {
    if (attemptBytes > limitBytes) {
      drop();
    }
    long fresh = attemptBytes - creditedBytes;
    if (fresh <= 0) {
      return 0;
    }
    creditedBytes = attemptBytes;
    return (int) fresh;
  }

  /// Hands the body so far to a new attempt.
  void into(Upstream upstream, boolean ended) {
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
    if (limitBytes == 0) {
      drop();
    }
  }

  /// Hands the body so far to a copy.
  void copyInto(CopyRun copy, boolean ended) {
    int left = kept == null ? 0 : kept.size();
    if (left > 0) {
      for (ByteBuf data : kept) {
        left--;
        copy.onData(data.retainedDuplicate(), ended && trailers == null && left == 0);
      }
    }
    if (ended && trailers != null) {
      copy.onTrailers(trailers);
    }
  }

  /// The request was taken: no way back.
  void drop() {
    whole = false;
    if (kept != null) {
      kept.forEach(ByteBuf::release);
      kept = null;
    }
    if (chargedBytes > 0) {
      budget.give(chargedBytes);
      chargedBytes = 0;
    }
  }
}
