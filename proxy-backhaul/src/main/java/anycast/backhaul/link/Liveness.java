package anycast.backhaul.link;

/// Decides when to ask a peer for a sign of life and when to give it up; pure, the caller owns the
/// clock and the PING.
///
/// ```
///   QUIET ── interval over ──► ASKED ── answer ──► QUIET
///                                └── timeout over ──► dead
/// ```
///
/// TCP alone notices a vanished host after minutes. One PING at a time: an answer that comes late
/// still counts as long as nobody gave up.
///
/// **Threading.** One event loop.
final class Liveness {
  /// What to do at a tick.
  enum Verdict {
    WAIT,
    ASK,
    DEAD
  }

  private final long intervalNanos;
  private final long timeoutNanos;
  private long sinceNanos;
  private boolean asked;

  /// @param intervalNanos from one answer to the next question
  /// @param timeoutNanos from a question to giving up
  Liveness(long intervalNanos, long timeoutNanos, long nowNanos) {
    this.intervalNanos = intervalNanos;
    this.timeoutNanos = timeoutNanos;
    this.sinceNanos = nowNanos;
  }

  /// Called now and then; nothing is late by more than the time between two calls.
  Verdict onTick(long nowNanos) {
    long waitedNanos = nowNanos - sinceNanos;
    if (asked) {
      return waitedNanos >= timeoutNanos ? Verdict.DEAD : Verdict.WAIT;
    }
    if (waitedNanos < intervalNanos) {
      return Verdict.WAIT;
    }
    asked = true;
    sinceNanos = nowNanos;
    return Verdict.ASK;
  }

  /// The peer answered the PING.
  void onAnswer(long nowNanos) {
    if (asked) {
      asked = false;
      sinceNanos = nowNanos;
    }
  }
}
