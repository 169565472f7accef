package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.routing.pick.Candidate;
import java.util.List;

/// The attempts of one exchange: begins them, and decides what follows when one fails, is slow or
/// answers.
///
/// ```
///                          ┌── fault, too slow, unwanted answer; another attempt is right ──┐
///                          ▼                                                                │
///   begin ──► current under way ────────────────────────────────────────────────────────────┤
///                  │  ▲  slow: a hedge                                                      │
///                  ▼  │ one of them failed                                                  │
///             current and rival ── first wanted head ──► the winner alone; the loser is     │
///                                                        cancelled                          │
///                                                     nothing may follow: the exchange ends ◄
/// ```
///
/// **Threading.** The exchange's event loop. **Limits.** Two at a time; one hedge; in all what
/// [CandidateWalk] allows.
final class Attempts {
  private static final Fault NOT_NEEDED = Fault.of(FaultKind.CLIENT_GONE, "not needed any more");

  private final Exchange exchange;
  private final Exchanges shared;
  private final LiveExchanges live;
  private final Plan.Forward plan;
  private final CandidateWalk walk;

  /// Null where the terms ask for none.
  private final Deadlines deadlines;

  /// The one under way, once answered the one that answers; null between attempts and at the end.
  private LiveAttempt current;

  /// A second one beside it; null mostly, and always once one has answered.
  private LiveAttempt rival;

  private boolean hedged;
  private Candidate last;

  /// The one that was under way at the exchange's end.
  private LiveAttempt ended;

  Attempts(Exchange exchange, Exchanges shared, LiveExchanges live, Plan.Forward plan) {
    this.exchange = exchange;
    this.shared = shared;
    this.live = live;
    this.plan = plan;
    this.walk = new CandidateWalk(plan);
    this.deadlines = Deadlines.of(this, live, plan);
  }

  /// Bytes of the body that are worth keeping: what a worker may refuse, and of a request that may
  /// be repeated more.
  int worthKeeping() {
    int window = shared.connector().replayBytes();
    if (window == 0 || walk.single()) {
      return 0;
    }
    return walk.repeatable() ? Math.max(window, shared.limits().keptBytes()) : window;
  }

  /// Begins the walk over the plan's candidates.
  void begin() {
    long now = shared.ticker().nanos();
    plan.terms().stats().onRequest(now);
    Candidate first = walk.next();
    if (first == null) {
      follow(Fault.of(FaultKind.NO_INSTANCE));
    } else {
      // Nobody else to ask first: it may wait at once.
      boolean alone = walk.isLast();
      follow(start(alone ? walk.best() : first, alone ? queueNanos(now) : 0, false, now));
    }
  }

  LiveAttempt current() {
    return current;
  }

  LiveAttempt rival() {
    return rival;
  }

  /// That of the attempt that answered, or of the last one; null where none was opened.
  Candidate last() {
    return last;
  }

  /// How many were opened.
  int count() {
    return walk.attempts();
  }

  /// Whether one failed or was given up for another.
  boolean retried() {
    return walk.retried();
  }

  /// Does what is right after a failed attempt, until one is under way or all is over.
  ///
  /// @param fault of the last attempt; null where one is under way
  private void follow(Fault fault) {
    Fault failed = fault;
    while (failed != null && exchange.isOpening()) {
      long now = shared.ticker().nanos();
      switch (walk.after(failed, exchange.bodyWhole(), now)) {
        case AGAIN -> failed = start(walk.next(), 0, false, now);
        case QUEUE -> failed = start(walk.best(), queueNanos(now), false, now);
        case WAIT -> failed = start(walk.away(), 0, false, now);
        case FINAL -> exchange.endBadly(failed);
        case EXHAUSTED -> {
          if (failed.retrySafe() || walk.attempts() > 1) {
            live.count(Counter.RETRIES_EXHAUSTED);
          }
          exchange.endBadly(failed);
        }
        case NO_BODY -> {
          live.count(Counter.BODIES_NOT_KEPT);
          exchange.endBadly(failed.and("not tried again: the body was not kept"));
        }
        case NO_BUDGET -> {
          live.count(Counter.RETRIES_OVER_BUDGET);
          exchange.endBadly(failed.and("not tried again: too many retries of this service"));
        }
      }
    }
  }

  private long queueNanos(long nowNanos) {
    long wanted = plan.terms().queueNanos();
    return deadlines == null ? wanted : Math.min(wanted, deadlines.leftNanos(nowNanos));
  }

  /// Begins one.
  ///
  /// @return why it failed at once; null where it is under way
  private Fault start(Candidate candidate, long queueNanos, boolean hedge, long nowNanos) {
    if (!shared.connector().reserve(candidate)) {
      Fault full = Fault.of(FaultKind.AT_HARD_LIMIT);
      walk.failed(new Tried(candidate, full, 0, 0));
      return full;
    }
    LiveAttempt attempt =
        new LiveAttempt(exchange, this, shared.connector(), candidate, hedge, nowNanos);
    if (hedge) {
      rival = attempt;
    } else {
      current = attempt;
    }
    last = candidate;
    live.attempted(walk.opened() > 1);
    if (deadlines != null) {
      deadlines.onAttempt(attempt, queueNanos, !hedged && walk.repeatable(), nowNanos);
    }
    Replay body = exchange.body();
    boolean ended = exchange.requestEnded();
    boolean bare = ended && (body == null || body.isEmpty());
    Attempt what =
        new Attempt(
            candidate,
            plan.arrival(),
            plan.head(),
            bare,
            plan.timeouts().connectNanos(),
            queueNanos,
            hedge ? 0 : walk.patienceNanos());
    Fault early = attempt.open(what, body, ended);
    if (early != null) {
      lost(attempt, early);
    }
    return early;
  }

  /// Takes away one that has ended by itself.
  private void lost(LiveAttempt attempt, Fault fault) {
    long now = shared.ticker().nanos();
    remove(attempt);
    attempt.failed(fault, now);
    walk.failed(attempt.tried(fault, now));
  }

  private void remove(LiveAttempt attempt) {
    if (attempt == current) {
      current = rival;
    }
    rival = null;
  }

  void onFault(LiveAttempt attempt, Fault fault) {
    lost(attempt, fault);
    if (current == null) {
      if (exchange.isOpening()) {
        follow(fault);
      } else {
        exchange.endBadly(fault);
      }
    }
  }

  void onResponseHead(LiveAttempt attempt, ResponseHead head, boolean end) {
    if (head.informational()) {
      if (attempt == current) {
        exchange.onInformational(head);
      }
      return;
    }
    long now = shared.ticker().nanos();
    plan.terms().stats().onLatency(attempt.answered(head.status(), now));
    if (walk.unwanted(head.status()) && another(attempt, now)) {
      return;
    }
    if (deadlines != null) {
      deadlines.stop();
    }
    if (rival != null) {
      decide(attempt, now);
    }
    // Giving up the other one may have been the end.
    if (exchange.isOpening()) {
      exchange.onFinalHead(head, end, now);
    }
  }

  /// The client shall not have this answer where another attempt may do better: one that is under
  /// way already, or the next.
  ///
  /// @return whether there is one
  private boolean another(LiveAttempt attempt, long nowNanos) {
    if (rival == null) {
      switch (walk.again(exchange.bodyWhole(), nowNanos)) {
        case AGAIN -> {}
        case NO_BUDGET -> {
          live.count(Counter.RETRIES_OVER_BUDGET);
          return false;
        }
        case NO_BODY -> {
          live.count(Counter.BODIES_NOT_KEPT);
          return false;
        }
        case QUEUE, WAIT, FINAL, EXHAUSTED -> {
          return false;
        }
      }
    }
    remove(attempt);
    walk.failed(attempt.tried(null, nowNanos));
    attempt.giveUp(NOT_NEEDED, false, nowNanos);
    if (current == null && exchange.isOpening()) {
      follow(start(walk.next(), 0, false, nowNanos));
    }
    return true;
  }

  /// Of two this one answers.
  private void decide(LiveAttempt winner, long nowNanos) {
    LiveAttempt loser = winner == current ? rival : current;
    current = winner;
    rival = null;
    last = winner.candidate();
    walk.failed(loser.tried(null, nowNanos));
    loser.giveUp(NOT_NEEDED, false, nowNanos);
    if (winner.hedge()) {
      live.count(Counter.HEDGES_WON);
    }
  }

  /// One took too long to answer.
  void onTryTimeout(LiveAttempt attempt) {
    long now = shared.ticker().nanos();
    Fault slow = Fault.of(FaultKind.TRY_TIMEOUT);
    remove(attempt);
    walk.failed(attempt.tried(slow, now));
    attempt.giveUp(slow, exchange.requestEnded(), now);
    if (current == null) {
      follow(slow);
    }
  }

  /// All together took too long to answer.
  void onTotalTimeout() {
    exchange.endBadly(Fault.of(FaultKind.TOTAL_TIMEOUT));
  }

  /// The one under way is slow: another is begun beside it. Not while the body is coming: two
  /// cannot take it at their own pace.
  void onHedgeTime(long nowNanos) {
    if (current == null || rival != null || !exchange.requestEnded()) {
      return;
    }
    switch (walk.again(exchange.bodyWhole(), nowNanos)) {
      case AGAIN -> {
        hedged = true;
        live.count(Counter.HEDGES);
        // Where it fails at once, the first goes on alone.
        start(walk.nextBeside(current.candidate().instance().node()), 0, true, nowNanos);
      }
      case NO_BUDGET -> live.count(Counter.RETRIES_OVER_BUDGET);
      case QUEUE, WAIT, FINAL, EXHAUSTED, NO_BODY -> {}
    }
  }

  /// The exchange is over, well where `fault` is null.
  ///
  /// @param byItself the request and the response have ended
  void end(Fault fault, boolean byItself) {
    if (deadlines != null) {
      deadlines.stop();
    }
    LiveAttempt first = current;
    LiveAttempt second = rival;
    current = null;
    rival = null;
    if (first == null) {
      return;
    }
    ended = first;
    if (byItself) {
      first.ended();
      return;
    }
    Fault why = fault == null ? NOT_NEEDED : fault;
    Fault tooLong = tooLong(fault);
    // Over a request that is still coming an instance cannot be too slow.
    boolean slow = tooLong != null && exchange.requestEnded();
    long now = shared.ticker().nanos();
    if (second != null) {
      walk.failed(second.tried(tooLong, now));
      second.giveUp(why, slow, now);
    }
    first.giveUp(why, slow, now);
  }

  /// Where the exchange ended because nobody answered in time, this is the attempts' fault.
  private Fault tooLong(Fault fault) {
    boolean timeout =
        fault != null
            && (fault.kind() == shared.timeoutKind() || fault.kind() == FaultKind.TOTAL_TIMEOUT);
    return timeout ? fault : null;
  }

  /// What became of all of them, in order of their ends. Asked once, after the end.
  List<Tried> tries(Fault fault, long nowNanos) {
    return walk.tries(ended == null ? null : ended.tried(tooLong(fault), nowNanos));
  }
}
