package anycast.backhaul.h2;

import java.util.ArrayDeque;

/// The receive window that streams begin with: SETTINGS_INITIAL_WINDOW_SIZE, which the peer makes
/// its own with each acknowledgement (RFC 9113 §6.5.3, §6.9.2).
///
/// **Threading.** The connection's event loop. **Limits.** One change under way beside the
/// preface's.
final class FirstWindow {
  private static final int MAX_UNDER_WAY = 2;

  private final StreamTable table;
  // Told and not acknowledged, oldest first.
  private final ArrayDeque<Integer> told = new ArrayDeque<>(MAX_UNDER_WAY);
  private int bytes = Pump.DEFAULT_WINDOW_BYTES;

  /// @param prefaceBytes what the preface says
  FirstWindow(StreamTable table, int prefaceBytes) {
    this.table = table;
    told.add(prefaceBytes);
  }

  /// What the peer is known to hold to.
  int bytes() {
    return bytes;
  }

  /// @return whether to tell the peer; a peer that acknowledges nothing is not told more
  boolean change(int wanted) {
    int last = told.isEmpty() ? bytes : told.getLast();
    if (wanted == last || told.size() >= MAX_UNDER_WAY) {
      return false;
    }
    told.add(wanted);
    return true;
  }

  /// The peer has made the oldest change its own; windows may become negative.
  ///
  /// @return false when there was nothing to acknowledge
  boolean onAck() {
    if (told.isEmpty()) {
      return false;
    }
    int delta = told.poll() - bytes;
    bytes += delta;
    table.each(stream -> stream.resizeReceive(delta));
    return true;
  }
}
