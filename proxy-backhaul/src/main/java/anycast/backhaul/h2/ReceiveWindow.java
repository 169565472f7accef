package anycast.backhaul.h2;

/// What the peer may still send on one stream or the connection (RFC 9113 §5.2).
///
/// Credit is collected until it is worth half the window, so that a window costs the peer no more
/// than two WINDOW_UPDATEs to read.
final class ReceiveWindow {
  private final int id;
  private final Outbound out;
  private int sizeBytes;
  private int leftBytes;
  private int creditBytes;

  /// @param id stream, or 0 for the connection
  ReceiveWindow(int id, int sizeBytes, Outbound out) {
    this.id = id;
    this.sizeBytes = sizeBytes;
    this.leftBytes = sizeBytes;
    this.out = out;
  }

  /// Whether the peer was allowed to send these bytes.
  boolean take(int bytes) {
    leftBytes -= bytes;
    return leftBytes >= 0;
  }

  /// Bytes that came and are not off our hands.
  int heldBytes() {
    return sizeBytes - leftBytes - creditBytes;
  }

  /// These bytes are off our hands.
  void give(int bytes) {
    creditBytes += bytes;
    if (creditBytes > 0 && creditBytes >= sizeBytes / 2) {
      out.windowUpdate(id, creditBytes);
      leftBytes += creditBytes;
      creditBytes = 0;
    }
  }

  /// Makes the window larger and tells the peer.
  void widen(int bytes) {
    if (bytes > 0 && bytes <= Integer.MAX_VALUE - sizeBytes) {
      resize(bytes);
      out.windowUpdate(id, bytes);
    }
  }

  /// The peer has made our SETTINGS_INITIAL_WINDOW_SIZE its own; the window may become negative.
  void resize(int deltaBytes) {
    sizeBytes += deltaBytes;
    leftBytes += deltaBytes;
  }
}
