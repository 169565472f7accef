package anycast.backhaul.link;

/// Decides when to ask a peer for a sign of life, when to trust it with nothing new and when to
/// give it up; pure, the caller owns the clock and the PING.
///
/// ```
///   QUIET ── interval over ──► ASKED ── answer ──► QUIET
///                                │ ▲── answer ──┐
///                                └── patience over ──► DOUBTED ── timeout over ──► dead
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
    DOUBT,
    DEAD
  }

  /// Lengths of time.
  ///
  /// @param busyNanos from one answer to the next question while streams are open
  /// @param idleNanos the same while none is
  /// @param patienceNanos from a question to the first doubt
  /// @param timeoutNanos from a question to giving up
  record Pace(long busyNanos, long idleNanos, long patienceNanos, long timeoutNanos) {}

  private final Pace pace;
  private long sinceNanos;
  private boolean asked;

  Liveness(Pace pace, long nowNanos) {
    this.pace = pace;
    this.sinceNanos = nowNanos;
  }

  /// Called now and then; nothing is late by more than the time between two calls.
  ///
  /// @param busy whether streams are open
  Verdict onTick(long nowNanos, boolean busy) {
    long waitedNanos = nowNanos - sinceNanos;
    if (asked) {
      if (waitedNanos >= pace.timeoutNanos()) {
        return Verdict.DEAD;
      }
      return waitedNanos >= pace.patienceNanos() ? Verdict.DOUBT : Verdict.WAIT;
    }
    if (waitedNanos < (busy ? pace.busyNanos() : pace.idleNanos())) {
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
