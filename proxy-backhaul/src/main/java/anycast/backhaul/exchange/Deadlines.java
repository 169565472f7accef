package anycast.backhaul.exchange;

import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// The instants that one exchange cannot wait for the sweep for: when its total time is over, when
/// an attempt has taken too long, when a second one is to begin. All of them are before the
/// response's head.
///
/// Most exchanges have none of these. For the others one timer is armed for the nearest instant; a
/// later one is armed when it fires, so an attempt that answers costs one cancelled timer.
///
/// **Threading.** The exchange's event loop.
final class Deadlines {
  static final long NEVER = Long.MAX_VALUE;

  private final Attempts attempts;
  private final LiveExchanges live;
  private final Terms terms;

  /// When the first attempt may begin; instants are counted from here, so that they are positive.
  /// Not from the arrival: a write that waited for its primary would be sent and broken off at
  /// once.
  private final long baseNanos;

  private final long totalAtNanos;
  private long hedgeAtNanos = NEVER;
  private long timerAtNanos = NEVER;
  private Future<?> timer;
  private boolean over;

  private Deadlines(Attempts attempts, LiveExchanges live, Plan.Forward plan) {
    this.attempts = attempts;
    this.live = live;
    this.terms = plan.terms();
    this.baseNanos = live.ticker().nanos();
    long total = plan.timeouts().totalNanos();
    this.totalAtNanos = total > 0 ? total : NEVER;
  }

  /// @return null where the terms ask for none
  static Deadlines of(Attempts attempts, LiveExchanges live, Plan.Forward plan) {
    Terms terms = plan.terms();
    boolean any =
        plan.timeouts().totalNanos() > 0
            || terms.retry().perTryNanos() > 0
            || terms.hedge().afterNanos() > 0
            || terms.hedge().quantilePercent() > 0;
    return any ? new Deadlines(attempts, live, plan) : null;
  }

  /// What is left of the total time.
  long leftNanos(long nowNanos) {
    return totalAtNanos == NEVER ? NEVER : Math.max(0, totalAtNanos - (nowNanos - baseNanos));
  }

  /// An attempt begins.
  ///
  /// @param queueNanos that it may wait for room beside its time
  /// @param mayHedge whether another may be begun beside it
  void onAttempt(LiveAttempt attempt, long queueNanos, boolean mayHedge, long nowNanos) {
    long now = nowNanos - baseNanos;
    long perTry = terms.retry().perTryNanos();
    if (perTry > 0) {
      attempt.untilNanos = now + perTry + queueNanos;
    }
    hedgeAtNanos = NEVER;
    if (mayHedge) {
      long after = terms.hedge().afterNanos();
      int quantile = terms.hedge().quantilePercent();
      if (after <= 0 && quantile > 0) {
        after = terms.stats().latencyNanos(quantile);
      }
      hedgeAtNanos = after > 0 ? now + after : NEVER;
    }
    arm(now);
  }

  /// The head is there, or the exchange is over.
  void stop() {
    over = true;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void arm(long now) {
    long next = Math.min(totalAtNanos, hedgeAtNanos);
    LiveAttempt first = attempts.current();
    LiveAttempt second = attempts.rival();
    next = first == null ? next : Math.min(next, first.untilNanos);
    next = second == null ? next : Math.min(next, second.untilNanos);
    if (over || next == NEVER || timer != null && timerAtNanos <= next) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerAtNanos = next;
    timer = live.loop().schedule(this::onTimer, Math.max(0, next - now), TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    timer = null;
    if (over) {
      return;
    }
    long nowNanos = live.ticker().nanos();
    long now = nowNanos - baseNanos;
    if (now >= totalAtNanos) {
      attempts.onTotalTimeout();
      return;
    }
    slow(attempts.current(), now);
    slow(attempts.rival(), now);
    if (!over && now >= hedgeAtNanos) {
      hedgeAtNanos = NEVER;
      attempts.onHedgeTime(nowNanos);
    }
    arm(now);
  }

  private void slow(LiveAttempt attempt, long now) {
    if (!over && attempt != null && now >= attempt.untilNanos) {
      attempt.untilNanos = NEVER;
      attempts.onTryTimeout(attempt);
    }
  }
}
