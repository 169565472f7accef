package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.pick.Candidate;
import io.netty.buffer.ByteBuf;

/// One request with its response: the engine between a [Downstream] and an [Upstream].
///
/// ```
///            safe fault, whole body kept, candidate left
///                 ┌────────────┐
///                 ▼            │
///   begin ──► OPENING ─────────┴── other fault ──► ENDED
///                 │                                  ▲
///           response head                            │
///                 ▼                                  │
///            RESPONDING ── response end, fault ──────┘
/// ```
///
/// In every state the downstream may leave, which cancels the attempt and ends the exchange. The
/// response's end is the exchange's end: a request that is still coming then is not wanted any
/// more.
///
/// **Threading.** One event loop. **Ownership.** Buffers pass through; what is kept for a replay is
/// released at the end at the latest. **Flow.** No queue here: bytes go on at once, credit comes
/// back when they have gone. **Faults.** Exactly one ending, and every reservation of a load ends.
public final class Exchange implements UpstreamEvents {
  private enum State {
    OPENING,
    RESPONDING,
    ENDED
  }

  private final Exchanges shared;
  private final LiveExchanges live;
  private final Downstream downstream;
  private final Plan.Forward plan;
  private final Replay replay;

  private State state = State.OPENING;

  /// The attempt under way; null between attempts and when the response has ended.
  private Upstream upstream;

  /// Whose load is reserved; null where none is.
  private Candidate reserved;

  private Candidate last;
  private int attempts;
  private int nextCandidate;
  private boolean requestEnded;

  /// While the kept body goes into a new attempt, what it causes waits: credit could bring in more
  /// of the body, and a fault another attempt, in the middle of it.
  private boolean replaying;

  private int sentWhileReplaying;
  private Fault faultWhileReplaying;

  private int status;
  private long requestBytes;
  private long responseBytes;
  private long firstByteNanos = -1;

  /// Set by every byte and head, cleared by the sweep: the data path reads no clock.
  private boolean active = true;

  private long quietSinceNanos;

  /// Neighbours in the loop's list, which owns these two.
  Exchange before;

  Exchange after;

  Exchange(
      Exchanges shared, LiveExchanges live, Downstream downstream, Plan.Forward plan, boolean end) {
    this.shared = shared;
    this.live = live;
    this.downstream = downstream;
    this.plan = plan;
    this.replay = new Replay(shared.connector().replayBytes());
    this.requestEnded = end;
  }

  /// Tries candidates until one attempt is under way or none is left.
  ///
  /// @param failed why the attempt before failed, null at the beginning
  void open(Fault failed) {
    Fault fault = failed;
    while (true) {
      Candidate candidate = next(fault);
      if (candidate == null) {
        live.exhausted();
        endBadly(fault == null ? Fault.of(FaultKind.NO_INSTANCE) : fault);
        return;
      }
      if (shared.connector().reserve(candidate)) {
        attempt(candidate);
        return;
      }
      fault = Fault.of(FaultKind.AT_HARD_LIMIT);
    }
  }

  /// The next candidate that `failed` leaves worth a try, or null.
  private Candidate next(Fault failed) {
    var candidates = plan.candidates();
    while (nextCandidate < candidates.size()) {
      Candidate candidate = candidates.get(nextCandidate++);
      boolean onFailedNode =
          failed != null
              && failed.scope() == Fault.Scope.NODE
              && last != null
              && last.instance().node().equals(candidate.instance().node());
      if (!onFailedNode) {
        return candidate;
      }
    }
    return null;
  }

  private void attempt(Candidate candidate) {
    reserved = candidate;
    last = candidate;
    int attempt = ++attempts;
    live.attempted(attempt > 1);
    boolean bare = requestEnded && replay.isEmpty();
    long connectNanos = plan.timeouts().connectNanos();
    long queueNanos = plan.terms().queueNanos();
    Attempt one =
        new Attempt(candidate, plan.arrival(), plan.head(), bare, connectNanos, queueNanos);
    Upstream opened = shared.connector().open(one, this);
    // A fault before open returned has already gone on to the next candidate, or ended it all.
    if (attempt != attempts || reserved == null) {
      return;
    }
    upstream = opened;
    if (!replay.isEmpty()) {
      replaying = true;
      replay.into(opened, requestEnded);
      replaying = false;
      settle();
    }
  }

  /// What had to wait for the replay.
  private void settle() {
    int sent = sentWhileReplaying;
    sentWhileReplaying = 0;
    Fault fault = faultWhileReplaying;
    faultWhileReplaying = null;
    if (sent > 0) {
      onRequestSent(sent);
    }
    if (fault != null) {
      onUpstreamFault(fault);
    }
  }

  /// Request data; the buffer belongs to the exchange.
  public void onRequestData(ByteBuf data, boolean end) {
    if (state == State.ENDED) {
      data.release();
      return;
    }
    active = true;
    requestBytes += data.readableBytes();
    requestEnded |= end;
    replay.keep(data);
    upstream.sendData(data, end);
  }

  /// The request ends with trailers.
  public void onRequestTrailers(Fields trailers) {
    if (state != State.ENDED) {
      requestEnded = true;
      replay.keepTrailers(trailers);
      upstream.sendTrailers(trailers);
    }
  }

  /// The downstream handed this many bytes of response data to its socket and takes more.
  public void onResponseSent(int bytes) {
    active = true;
    if (upstream != null) {
      upstream.consumed(bytes);
    }
  }

  /// The client left, stalled or broke the protocol: whatever works for it is cancelled.
  public void onDownstreamGone(Fault fault) {
    if (state != State.ENDED) {
      finish(fault);
    }
  }

  @Override
  public void onRequestSent(int bytes) {
    active = true;
    if (replaying) {
      sentWhileReplaying += bytes;
      return;
    }
    int credit = replay.sent(bytes);
    if (credit > 0 && state != State.ENDED) {
      downstream.consumed(credit);
    }
  }

  @Override
  public void onResponseHead(ResponseHead head, boolean end) {
    if (state == State.ENDED) {
      return;
    }
    active = true;
    if (head.informational()) {
      downstream.sendInformational(head);
      return;
    }
    state = State.RESPONDING;
    replay.drop();
    status = head.status();
    firstByteNanos = shared.ticker().nanos() - plan.arrival().startNanos();
    shared.edits().edit(head, plan.arrival());
    downstream.sendHead(head, end);
    if (end) {
      endWell();
    }
  }

  @Override
  public void onResponseData(ByteBuf data, boolean end) {
    if (state == State.ENDED) {
      data.release();
      return;
    }
    active = true;
    responseBytes += data.readableBytes();
    downstream.sendData(data, end);
    if (end) {
      endWell();
    }
  }

  @Override
  public void onResponseTrailers(Fields trailers) {
    if (state != State.ENDED) {
      downstream.sendTrailers(trailers);
      endWell();
    }
  }

  @Override
  public void onUpstreamFault(Fault fault) {
    if (state == State.ENDED) {
      return;
    }
    if (replaying) {
      faultWhileReplaying = fault;
      return;
    }
    upstream = null;
    release();
    if (state == State.OPENING && fault.retrySafe() && replay.whole()) {
      open(fault);
    } else {
      endBadly(fault);
    }
  }

  /// Called by the sweep of the loop's list.
  void onSweep(long nowNanos) {
    if (active) {
      active = false;
      quietSinceNanos = nowNanos;
      return;
    }
    long limitNanos =
        switch (state) {
          case OPENING -> plan.timeouts().responseNanos();
          case RESPONDING -> plan.timeouts().idleNanos();
          case ENDED -> 0;
        };
    if (limitNanos > 0 && nowNanos - quietSinceNanos >= limitNanos) {
      endBadly(Fault.of(shared.timeoutKind()));
    }
  }

  private void endWell() {
    if (state == State.ENDED) {
      // The downstream left while it took the response's end.
      return;
    }
    if (requestEnded) {
      // The attempt has ended by itself: nothing to cancel.
      upstream = null;
    }
    finish(null);
  }

  private void endBadly(Fault fault) {
    if (state != State.ENDED) {
      if (state == State.OPENING) {
        status = fault.kind().status();
      }
      finish(fault);
      downstream.sendFault(fault);
    }
  }

  /// The one ending.
  private void finish(Fault fault) {
    state = State.ENDED;
    Upstream open = upstream;
    upstream = null;
    replay.drop();
    release();
    live.ended(this, fault);
    live.passed(requestBytes, responseBytes);
    if (open != null) {
      open.cancel(fault == null ? Fault.of(FaultKind.CLIENT_GONE) : fault);
    }
    if (shared.log().wants(fault != null)) {
      shared.log().ended(record(fault));
    }
  }

  private void release() {
    if (reserved != null) {
      shared.connector().release(reserved);
      reserved = null;
    }
  }

  private ExchangeRecord record(Fault fault) {
    return new ExchangeRecord(
        plan.arrival(),
        plan.head(),
        last,
        attempts,
        plan.candidates(),
        java.util.List.of(),
        status,
        fault,
        new ExchangeRecord.Measure(
            requestBytes,
            responseBytes,
            firstByteNanos,
            shared.ticker().nanos() - plan.arrival().startNanos()));
  }
}
