package anycast.backhaul.h2;

import io.netty.handler.codec.http2.Http2Settings;

/// What the peer's SETTINGS say (RFC 9113 §6.5.2), and before they come, what holds without.
final class PeerSettings {
  // RFC 9113 §6.5.2 recommends no fewer than these.
  private static final int FIRST_STREAMS = 100;

  private final Outbound out;
  private final StreamTable table;
  private boolean seen;
  private int maxStreams = FIRST_STREAMS;
  private int windowBytes = Pump.DEFAULT_WINDOW_BYTES;
  private boolean extendedConnect;

  PeerSettings(Outbound out, StreamTable table) {
    this.out = out;
    this.table = table;
  }

  /// Whether any have come.
  boolean seen() {
    return seen;
  }

  /// Streams that we may have open.
  int maxStreams() {
    return maxStreams;
  }

  /// First send window of a new stream.
  int windowBytes() {
    return windowBytes;
  }

  /// Whether the peer offers extended CONNECT (RFC 8441 §3).
  boolean extendedConnect() {
    return extendedConnect;
  }

  /// The reader has checked each value by itself.
  ///
  /// @return false when a stream's window overflows, a FLOW_CONTROL_ERROR of the connection
  boolean apply(Http2Settings settings) {
    Long tableBytes = settings.headerTableSize();
    if (tableBytes != null) {
      out.hpack().peerTableBytes(tableBytes);
    }
    Integer frameBytes = settings.maxFrameSize();
    if (frameBytes != null) {
      out.peerFrameBytes(frameBytes);
    }
    Long streams = settings.maxConcurrentStreams();
    if (streams != null) {
      maxStreams = (int) Math.min(streams, Integer.MAX_VALUE);
    } else if (!seen) {
      maxStreams = Integer.MAX_VALUE;
    }
    extendedConnect |= Boolean.TRUE.equals(settings.connectProtocolEnabled());
    seen = true;
    Integer window = settings.initialWindowSize();
    return window == null || resize(window);
  }

  private boolean resize(int bytes) {
    int delta = bytes - windowBytes;
    windowBytes = bytes;
    boolean[] fits = {true};
    table.each(stream -> fits[0] &= stream.widenSend(delta));
    return fits[0];
  }
}
