package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import io.netty.buffer.ByteBuf;

/// One attempt of an exchange: between [Attempts], which decide, and the [Upstream], which works.
///
/// ```
///   OPENING ── open returned, kept body is in ──► UNDER WAY ── fault, given up ──► OVER
///      └── fault before ───────────────────────────────────────────────────────────▲
/// ```
///
/// While it opens and the kept body goes in, what that causes waits: credit could bring in more of
/// the body in the middle of it, and a fault is told by [#open] when it returns.
///
/// **Threading.** One event loop, the exchange's. **Faults.** Its load ends exactly once; what it
/// taught about the instance and the way there is told at most once each. An attempt that was given
/// up before it answered teaches nothing, unless it took too long over a whole request.
final class LiveAttempt implements UpstreamEvents {
  private static final Fault LEFT = Fault.of(FaultKind.CLIENT_GONE, "left while it was opened");

  private final Exchange exchange;
  private final Attempts attempts;
  private final Connector connector;
  private final Candidate candidate;
  private final boolean hedge;
  private final long startNanos;

  /// Null before it is open, and where it failed at once.
  private Upstream upstream;

  private boolean opening;
  private boolean over;
  private int sentWhileOpening;
  private Fault faultWhileOpening;
  private long sentBytes;

  /// Of the final head; 0 before.
  private int status;

  private long headNanos = -1;

  /// When it has taken too long, on the exchange's clock; see [Deadlines].
  long untilNanos = Deadlines.NEVER;

  /// Its candidate's load is reserved.
  ///
  /// @param hedge another attempt is under way
  LiveAttempt(
      Exchange exchange,
      Attempts attempts,
      Connector connector,
      Candidate candidate,
      boolean hedge,
      long startNanos) {
    this.exchange = exchange;
    this.connector = connector;
    this.attempts = attempts;
    this.candidate = candidate;
    this.hedge = hedge;
    this.startNanos = startNanos;
  }

  Candidate candidate() {
    return candidate;
  }

  boolean hedge() {
    return hedge;
  }

  /// Begins it, with as much of the body as there is.
  ///
  /// @param body null where there is none
  /// @return why it failed at once; null where it is under way
  Fault open(Attempt what, Replay body, boolean requestEnded) {
    opening = true;
    Upstream opened = connector.open(what, this);
    if (over) {
      opened.cancel(LEFT);
    } else if (faultWhileOpening == null) {
      upstream = opened;
      if (body != null && !body.isEmpty()) {
        body.into(opened, requestEnded);
      }
    }
    opening = false;
    if (over) {
      // The exchange ended meanwhile, and this with it.
      return null;
    }
    if (faultWhileOpening == null && sentWhileOpening > 0) {
      onRequestSent(sentWhileOpening);
    }
    return faultWhileOpening;
  }

  void sendData(ByteBuf data, boolean end) {
    upstream.sendData(data, end);
  }

  void sendTrailers(Fields trailers) {
    upstream.sendTrailers(trailers);
  }

  void consumed(int bytes) {
    upstream.consumed(bytes);
  }

  /// It has ended by itself.
  void ended() {
    over = true;
    connector.release(candidate);
  }

  /// Stops it. No event follows.
  ///
  /// @param slow whether it had the whole request and took too long to answer
  void giveUp(Fault why, boolean slow, long nowNanos) {
    if (slow && status == 0) {
      candidate.load().observe(Load.Outcome.FAILED, -1, nowNanos);
    }
    ended();
    if (upstream != null) {
      upstream.cancel(why);
    }
  }

  /// Learns from the final head.
  ///
  /// @return from its start to the head
  long answered(int answerStatus, long nowNanos) {
    status = answerStatus;
    headNanos = nowNanos - startNanos;
    Load.Outcome outcome = status < 500 ? Load.Outcome.ANSWERED : Load.Outcome.FAILED;
    candidate.load().observe(outcome, headNanos, nowNanos);
    candidate.path().onSuccess();
    return headNanos;
  }

  /// Learns from its own fault, and ends. What was lost on the way is the way's fault, not the
  /// instance's.
  void failed(Fault fault, long nowNanos) {
    FaultKind kind = fault.kind();
    boolean lostOnTheWay = kind == FaultKind.NODE_UNREACHABLE || kind == FaultKind.LINK_LOST;
    if (lostOnTheWay) {
      candidate.path().onFault(nowNanos);
    } else if (status == 0 && reachedTheNode(kind)) {
      candidate.path().onSuccess();
    }
    Load.Outcome taught = status == 0 ? taught(fault) : null;
    if (taught != null) {
      candidate.load().observe(taught, -1, nowNanos);
    }
    ended();
  }

  /// What a fault says of the instance; null where nothing. What a client can bring about alone, by
  /// a body that is not as long as announced or an upgrade that no app takes, must not take an
  /// instance from the others.
  private static Load.Outcome taught(Fault fault) {
    return switch (fault.kind().side()) {
      case CLIENT -> null;
      case EDGE -> fault.retrySafe() ? Load.Outcome.REFUSED : null;
      case BACKHAUL, WORKER -> Load.Outcome.REFUSED;
      case APP -> fault.kind() == FaultKind.APP_NO_UPGRADE ? null : Load.Outcome.FAILED;
    };
  }

  private static boolean reachedTheNode(FaultKind kind) {
    return kind.side() == FaultKind.Side.WORKER || kind.side() == FaultKind.Side.APP;
  }

  /// What became of it.
  ///
  /// @param fault null where there is none of its own
  Tried tried(Fault fault, long nowNanos) {
    return new Tried(candidate, fault, status, status == 0 ? nowNanos - startNanos : headNanos);
  }

  @Override
  public void onRequestSent(int bytes) {
    if (opening) {
      sentWhileOpening += bytes;
    } else if (!over) {
      sentBytes += bytes;
      exchange.onRequestSent(sentBytes);
    }
  }

  @Override
  public void onResponseHead(ResponseHead head, boolean end) {
    if (!over) {
      attempts.onResponseHead(this, head, end);
    }
  }

  @Override
  public void onResponseData(ByteBuf data, boolean end) {
    if (over) {
      data.release();
    } else {
      exchange.onResponseData(data, end);
    }
  }

  @Override
  public void onResponseTrailers(Fields trailers) {
    if (!over) {
      exchange.onResponseTrailers(trailers);
    }
  }

  @Override
  public void onUpstreamFault(Fault fault) {
    if (opening) {
      faultWhileOpening = fault;
    } else if (!over) {
      attempts.onFault(this, fault);
    }
  }
}
