package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request with its response: the engine between a [Downstream] and an [Upstream].
///
/// ```
///   begin ──► AWAITING ── time over, too many wait, planned to refuse ─────► ENDED
///     │          │ a candidate appeared                                        ▲
///     │          ▼                          fault, and nothing may follow      │
///     └─────► OPENING ─────────────────────────────────────────────────────────┤
///              │  ▲ │                                                          │
///              │  └─┘ fault or unwanted answer, and another attempt is right   │
///              │        slow: a second attempt beside the first                │
///              │ the first final head that is wanted: its attempt is the one   │
///              ▼                                                               │
///            RESPONDING ── response end, fault ────────────────────────────────┘
/// ```
///
/// What an attempt comes to is decided by [Attempts] and is over with the first final head that is
/// wanted: the client gets it at once, and nothing is tried again from then on. An answer whose
/// status is to be tried again is decided on at its head, too: its attempt is cancelled, or the
/// head goes on as it is; no answer is held. Whether another attempt is right is [CandidateWalk]'s
/// say; instants that are too short for the sweep are [Deadlines]'; copies of the request run
/// beside it as [CopyRun]s and are not waited for.
///
/// In every state the downstream may leave, which cancels the attempts and ends the exchange. The
/// response's end is the exchange's end: a request that is still coming then is not wanted any
/// more.
///
/// **Threading.** One event loop. **Ownership.** Buffers pass through; what is kept for another
/// attempt is released at the end at the latest. **Flow.** No queue here: bytes go on at once,
/// credit comes back when they have gone. Only while it waits it holds the body, which its
/// downstream's window bounds. **Faults.** Exactly one ending, and every reservation of a load
/// ends.
public final class Exchange {
  private enum State {
    AWAITING,
    OPENING,
    RESPONDING,
    ENDED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final Exchanges shared;
  private final LiveExchanges live;
  private final Downstream downstream;

  private State state = State.OPENING;

  /// Null where there was no need to wait.
  private Plan.Await wait;

  private long waitUntilNanos;

  /// Null while it waits.
  private Plan.Forward plan;

  /// Null while it waits.
  private Attempts attempts;

  /// Null where the request had ended with its head.
  private final Replay body;

  /// Null where there are none.
  private Copies copies;

  private boolean requestEnded;
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

  Exchange(Exchanges shared, LiveExchanges live, Downstream downstream, boolean end) {
    this.shared = shared;
    this.live = live;
    this.downstream = downstream;
    this.requestEnded = end;
    this.body = end ? null : new Replay(shared.kept());
  }

  /// Waits for a candidate.
  void await(Plan.Await told) {
    wait = told;
    state = State.AWAITING;
    waitUntilNanos = shared.ticker().nanos() + told.waitNanos();
    if (live.waiting().enter(this, told.owner(), told.waitNanos())) {
      live.count(Counter.AWAITS);
    } else {
      live.count(Counter.AWAITS_REFUSED);
      state = State.OPENING;
      endBadly(told.otherwise());
    }
  }

  /// Called by the look of the loop's waiting ones.
  void onLook(long nowNanos) {
    Plan next = planned();
    boolean timeOver = nowNanos - waitUntilNanos >= 0;
    switch (next) {
      case Plan.Forward forward -> {
        leaveWaiting();
        active = true;
        forward(forward);
      }
      case Plan.Await still -> {
        if (timeOver) {
          endBadly(still.otherwise());
        }
      }
      case Plan.Refuse(Fault fault) -> endBadly(fault);
      case Plan.Answer(ResponseHead head) -> {
        status = head.status();
        finish(null);
        downstream.sendHead(head, true);
      }
    }
  }

  private Plan planned() {
    try {
      return wait.again().get();
    } catch (RuntimeException e) {
      LOG.error("planning anew failed", e);
      return new Plan.Refuse(wait.otherwise());
    }
  }

  private void leaveWaiting() {
    if (state == State.AWAITING) {
      state = State.OPENING;
      live.waiting().leave(this, wait.owner());
    }
  }

  /// Begins the walk over the plan's candidates.
  void forward(Plan.Forward told) {
    plan = told;
    attempts = new Attempts(this, shared, live, told);
    if (body != null) {
      body.limit(attempts.worthKeeping());
    }
    attempts.begin();
    // A body that waited and is gone already cannot be copied from its beginning.
    if (!told.terms().copies().isEmpty() && state != State.ENDED && bodyWhole()) {
      copies = Copies.begin(shared, live, told, body, requestEnded);
    }
  }

  boolean isOpening() {
    return state == State.OPENING;
  }

  /// Null where there is none.
  Replay body() {
    return body;
  }

  boolean bodyWhole() {
    return body == null || body.whole();
  }

  boolean requestEnded() {
    return requestEnded;
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
    boolean kept = body == null || body.keep(data);
    if (state == State.AWAITING) {
      data.release();
      if (!kept) {
        live.count(Counter.BODIES_NOT_KEPT);
        endBadly(wait.otherwise().and("no room to hold its body"));
      }
      return;
    }
    if (copies != null) {
      copies.onData(data, end);
    }
    attempts.current().sendData(data, end);
  }

  /// The request ends with trailers.
  public void onRequestTrailers(Fields trailers) {
    if (state == State.ENDED) {
      return;
    }
    requestEnded = true;
    body.keepTrailers(trailers);
    if (copies != null) {
      copies.onTrailers(trailers);
    }
    if (state != State.AWAITING) {
      attempts.current().sendTrailers(trailers);
    }
  }

  /// The downstream handed this many bytes of response data to its socket and takes more.
  public void onResponseSent(int bytes) {
    active = true;
    LiveAttempt answering = attempts == null ? null : attempts.current();
    if (answering != null) {
      answering.consumed(bytes);
    }
  }

  /// The client left, stalled or broke the protocol: whatever works for it is cancelled.
  public void onDownstreamGone(Fault fault) {
    if (state != State.ENDED) {
      finish(fault);
    }
  }

  /// @param attemptBytes that one attempt has sent in all
  void onRequestSent(long attemptBytes) {
    active = true;
    int credit = body == null ? 0 : body.sent(attemptBytes);
    if (credit > 0 && state != State.ENDED) {
      downstream.consumed(credit);
    }
  }

  void onInformational(ResponseHead head) {
    active = true;
    downstream.sendInformational(head);
  }

  /// The head that decides.
  void onFinalHead(ResponseHead head, boolean end, long nowNanos) {
    active = true;
    state = State.RESPONDING;
    if (body != null) {
      body.drop();
    }
    status = head.status();
    firstByteNanos = nowNanos - plan.arrival().startNanos();
    shared.edits().edit(head, plan.arrival());
    plan.terms().edits().edit(head, plan.arrival());
    downstream.sendHead(head, end);
    if (end) {
      endWell();
    }
  }

  void onResponseData(ByteBuf data, boolean end) {
    active = true;
    responseBytes += data.readableBytes();
    downstream.sendData(data, end);
    if (end) {
      endWell();
    }
  }

  void onResponseTrailers(Fields trailers) {
    downstream.sendTrailers(trailers);
    endWell();
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
          case AWAITING, ENDED -> 0;
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
    finish(null);
  }

  void endBadly(Fault fault) {
    if (state != State.ENDED) {
      if (state != State.RESPONDING) {
        status = fault.kind().status();
      }
      finish(fault);
      downstream.sendFault(fault);
    }
  }

  /// The one ending.
  private void finish(Fault fault) {
    leaveWaiting();
    state = State.ENDED;
    if (body != null) {
      body.drop();
    }
    live.ended(this, fault);
    live.passed(requestBytes, responseBytes);
    if (attempts != null) {
      attempts.end(fault, fault == null && requestEnded);
    }
    if (copies != null) {
      copies.onOriginalEnd(shared.ticker().nanos());
    }
    ExchangeLog log = shared.log();
    boolean again = fault == null && attempts != null && attempts.retried();
    if (log.wants(fault != null) || again && log.wantsRetried()) {
      log.ended(record(fault));
    }
  }

  private ExchangeRecord record(Fault fault) {
    Arrival arrival = plan == null ? wait.arrival() : plan.arrival();
    RequestHead head = plan == null ? wait.head() : plan.head();
    long now = shared.ticker().nanos();
    return new ExchangeRecord(
        arrival,
        head,
        plan == null ? "" : plan.terms().rule(),
        attempts == null ? null : attempts.last(),
        attempts == null ? 0 : attempts.count(),
        plan == null ? List.of() : plan.candidates(),
        attempts == null ? List.of() : attempts.tries(fault, now),
        status,
        fault,
        new ExchangeRecord.Measure(
            requestBytes, responseBytes, firstByteNanos, now - arrival.startNanos()));
  }
}
