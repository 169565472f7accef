package anycast.edge.protocol;

import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// The one timer of an HTTP/1 connection. Instants are noted as things happen; the timer is moved
/// only when something is due earlier than it fires, and looks again when it fires too early, so
/// that a request which goes well costs no timer.
///
/// **Threading.** The channel's event loop.
final class Http1Clock {
  /// What has become due.
  enum Due {
    NOTHING,
    HEAD_SLOW,
    IDLE,
    BODY_SLOW,
    STALLED,
    GONE
  }

  private static final long NEVER = Long.MAX_VALUE;

  /// A stalled reader is looked at this often in its time.
  private static final int STALL_LOOKS = 4;

  private static final long HALF_CLOSED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Http1Limits limits;
  private final Ticker ticker;
  private final Runnable onFire;
  private final BodyRate rate;

  private EventLoop loop;
  private ScheduledFuture<?> timer;

  /// Ticker time from which all others here count, so that none of them wraps.
  private long originNanos;

  private long firesAt = NEVER;
  private long headStart = NEVER;
  private long idleSince;
  private boolean fresh = true;
  private long lingerSince = NEVER;
  private long inputEndedAt = NEVER;

  Http1Clock(Http1Limits limits, Ticker ticker, Runnable onFire) {
    this.limits = limits;
    this.ticker = ticker;
    this.onFire = onFire;
    rate = new BodyRate(limits.bodyWindowNanos(), limits.bodyWindowBytes());
  }

  void start(EventLoop loop) {
    this.loop = loop;
    originNanos = ticker.nanos();
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    firesAt = NEVER;
    loop = null;
  }

  private long now() {
    return ticker.nanos() - originNanos;
  }

  /// Bytes of a head have come.
  void onHeadBytes() {
    if (headStart == NEVER) {
      headStart = now();
    }
  }

  long headStartNanos() {
    return originNanos + headStart;
  }

  void onHeadEnd() {
    headStart = NEVER;
    fresh = false;
    rate.pause();
  }

  void onBodyBytes(int count) {
    rate.onBytes(count);
  }

  void onIdle() {
    idleSince = now();
    rate.pause();
  }

  void onLinger() {
    lingerSince = now();
  }

  void onInputEnd() {
    inputEndedAt = now();
  }

  /// The client has been given something, which counts where it has closed its side.
  void onResponseBytes() {
    if (inputEndedAt != NEVER) {
      inputEndedAt = now();
    }
  }

  /// Sees to it that the timer fires when something may be due.
  void arm(Http1Phase phase, boolean headStarted, ResponseOut out, boolean awaitsBody) {
    long now = now();
    if (awaitsBody) {
      rate.run(now);
    } else {
      rate.pause();
    }
    long at =
        switch (phase) {
          case HEAD -> headDeadline(headStarted);
          case EXCHANGE, REST -> Math.min(rate.deadlineNanos(NEVER), goneDeadline());
          case LINGER -> lingerSince == NEVER ? NEVER : lingerSince + limits.lingerNanos();
          case CLOSED -> NEVER;
        };
    if (out.stalledNanos(now) >= 0) {
      at = Math.min(at, now + limits.stallNanos() / STALL_LOOKS);
    }
    if (at < firesAt && loop != null) {
      if (timer != null) {
        timer.cancel(false);
      }
      firesAt = at;
      timer = loop.schedule(this::fire, Math.max(0, at - now), TimeUnit.NANOSECONDS);
    }
  }

  private void fire() {
    timer = null;
    firesAt = NEVER;
    onFire.run();
  }

  private long headDeadline(boolean started) {
    if (started) {
      return headStart + limits.headNanos();
    }
    return fresh ? limits.headNanos() : idleSince + limits.idleNanos();
  }

  private long goneDeadline() {
    return inputEndedAt == NEVER ? NEVER : inputEndedAt + HALF_CLOSED_NANOS;
  }

  /// What is due now, worst first.
  Due due(Http1Phase phase, boolean headStarted, ResponseOut out) {
    long now = now();
    if (out.stalledNanos(now) >= limits.stallNanos()) {
      return Due.STALLED;
    }
    return switch (phase) {
      case HEAD -> {
        if (now < headDeadline(headStarted)) {
          yield Due.NOTHING;
        }
        yield headStarted ? Due.HEAD_SLOW : Due.IDLE;
      }
      case EXCHANGE, REST -> {
        if (inputEndedAt != NEVER && now - inputEndedAt >= HALF_CLOSED_NANOS) {
          yield Due.GONE;
        }
        yield rate.tooSlow(now) ? Due.BODY_SLOW : Due.NOTHING;
      }
      case LINGER ->
          lingerSince != NEVER && now - lingerSince >= limits.lingerNanos()
              ? Due.IDLE
              : Due.NOTHING;
      case CLOSED -> Due.NOTHING;
    };
  }
}
