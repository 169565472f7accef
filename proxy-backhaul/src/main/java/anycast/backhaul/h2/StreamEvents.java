package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;

/// What a stream tells its user.
///
/// **Threading.** The connection's event loop. **Ownership.** Data buffers belong to the callee,
/// which returns the window with [H2Stream#consumed].
public interface StreamEvents {
  /// Client role: informational heads, then the final one.
  void onHead(ResponseHead head, boolean end);

  void onData(ByteBuf data, boolean end);

  void onTrailers(Fields trailers);

  /// This many bytes handed to [H2Stream#sendData] have gone to the socket, which takes more.
  void onSent(int bytes);

  /// Ended abruptly by the peer, or by us for the peer's fault; nothing more comes.
  ///
  /// @param errorCode the peer's code. REFUSED_STREAM also for streams above a GOAWAY's last id:
  ///   both prove that nothing was processed (RFC 9113 §8.7)
  void onReset(int errorCode);

  /// Ended by us: it held more than its share of a shared connection's window, and its user took
  /// nothing of it for a second.
  default void onStalled() {
    onReset(H2Code.ENHANCE_YOUR_CALM);
  }

  /// The connection is gone; whether the peer worked on the stream is not known.
  void onConnectionLost();
}
