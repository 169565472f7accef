package anycast.backhaul.h2;

import anycast.routing.time.Ticker;

/// Counts what costs the peer little and us much; one too many ends the connection with
/// ENHANCE_YOUR_CALM (RFC 9113 §10.5).
///
/// Two counters over fixed windows of time: resets (Rapid Reset, and resets that the peer's faults
/// make us send, called MadeYouReset), and glitches, frames that bring nothing. Window updates are
/// free as long as they answer DATA that we sent.
final class Floods {
  // A careful peer sends at most one for the stream and one for the connection.
  private static final int UPDATES_PER_DATA_FRAME = 4;
  private static final int MAX_FREE_UPDATES = 1 << 20;
  // Three in a row have no use whatever: the first may end a chunk, the second be a slip.
  private static final int MAX_EMPTY_DATA = 2;

  private final H2Limits limits;
  private final Ticker ticker;
  private long windowStartNanos;
  private int resets;
  private int glitches;
  private int emptyData;
  // For the first windows' updates, before we have sent any DATA.
  private int freeUpdates = 128;

  Floods(H2Limits limits, Ticker ticker) {
    this.limits = limits;
    this.ticker = ticker;
    this.windowStartNanos = ticker.nanos();
  }

  /// @return whether it was one too many
  boolean reset() {
    roll();
    return ++resets > limits.maxResetsPerWindow();
  }

  /// @return whether it was one too many
  boolean glitch() {
    roll();
    return ++glitches > limits.maxGlitches();
  }

  /// @return whether it was one too many
  boolean data(boolean useless) {
    emptyData = useless ? emptyData + 1 : 0;
    return emptyData > MAX_EMPTY_DATA;
  }

  void dataSent() {
    freeUpdates = Math.min(freeUpdates + UPDATES_PER_DATA_FRAME, MAX_FREE_UPDATES);
  }

  /// @return whether it was one too many
  boolean windowUpdate() {
    if (freeUpdates > 0) {
      freeUpdates--;
      return false;
    }
    return glitch();
  }

  private void roll() {
    long now = ticker.nanos();
    if (now - windowStartNanos > limits.resetWindowNanos()) {
      windowStartNanos = now;
      resets = 0;
      glitches = 0;
    }
  }
}
