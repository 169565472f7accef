package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.routing.model.NodeId;
import anycast.routing.model.ServicePolicy;
import anycast.routing.pick.Candidate;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/// Where one exchange stands among its plan's candidates: who was tried, what came of it, and
/// whether another try is right.
///
/// A fault that proves that the app saw nothing is followed by the next candidate as long as there
/// is one, and costs the budget nothing: the plan bounds it. Where none is left, nobody answered
/// and nodes were away, it waits for the way to one of them. After any other fault, and after an
/// answer whose status is to be tried again, there are four conditions: an idempotent method, a
/// body that can be sent from its beginning, an attempt left, and a retry left in the service's
/// budget, which is asked last.
///
/// **Threading.** The exchange's event loop. **Limits.** The first 64 candidates; at most
/// [#MAX_TRIES] are remembered.
final class CandidateWalk {
  /// What became of more than these nobody reads.
  static final int MAX_TRIES = 16;

  /// How long a request waits for a way to a node where nobody else can take it: a worker that
  /// stalled is ended and started again, and serves after some 8 s.
  static final long PATIENCE_NANOS = 10_000_000_000L;

  /// It waits in turns where several nodes are away, as nobody knows which one comes back.
  static final long TURN_NANOS = 500_000_000L;

  /// A wait that ends sooner was none: nobody lets it wait there.
  private static final long NO_WAIT_NANOS = 10_000_000L;

  /// Each candidate has a bit.
  private static final int MAX_CANDIDATES = 64;

  private static final AsciiString[] IDEMPOTENT = {
    AsciiString.cached("GET"),
    AsciiString.cached("HEAD"),
    AsciiString.cached("PUT"),
    AsciiString.cached("DELETE"),
    AsciiString.cached("OPTIONS")
  };

  /// What follows a failed attempt.
  enum Verdict {
    /// The next candidate.
    AGAIN,
    /// All are full: the best one once more, and this time to wait for room.
    QUEUE,
    /// Nobody else is left: one that could not be reached once more, and this time to wait for the
    /// way to its node.
    WAIT,
    /// The app may have seen it, and it is not a request that may be sent twice.
    FINAL,
    /// It would be tried again, had its body been kept.
    NO_BODY,
    /// It would be tried again, but no candidate or attempt is left.
    EXHAUSTED,
    /// It would be tried again, but too many were.
    NO_BUDGET
  }

  private final List<Candidate> candidates;
  private final Terms terms;
  private final boolean repeatable;

  private long triedBits;
  private int opened;
  private boolean onlyFull = true;
  private boolean queued;

  /// Those whose nodes could not be reached when they were last tried, and may be waited for.
  private long awayBits;

  /// A worker or an app said something, if only no.
  private boolean answered;

  /// Whose turn it was; -1 before the first.
  private int turn = -1;

  /// How many attempts found their node away: they cost nobody anything.
  private int aways;

  private boolean waiting;
  private long patienceNanos = PATIENCE_NANOS;
  private long turnNanos;

  /// Failed attempts; null while there is none.
  private List<Tried> failed;

  CandidateWalk(Plan.Forward plan) {
    candidates = plan.candidates();
    terms = plan.terms();
    repeatable = repeatable(plan.head());
  }

  /// Whether a request may be sent again although the app may have seen it (RFC 9110 §9.2.2). An
  /// upgrade is a conversation, not a request.
  static boolean repeatable(RequestHead head) {
    if (head.upgrade() != null) {
      return false;
    }
    for (AsciiString method : IDEMPOTENT) {
      if (method.contentEquals(head.method())) {
        return true;
      }
    }
    return false;
  }

  boolean repeatable() {
    return repeatable;
  }

  /// Whether a second attempt is possible at all.
  boolean single() {
    return candidates.size() < 2;
  }

  /// Whether there is none after those that were taken.
  boolean isLast() {
    return left(null) < 0;
  }

  /// Takes the next candidate; null where none is left.
  Candidate next() {
    int at = left(null);
    return at < 0 ? null : take(at);
  }

  /// Takes the next candidate that is on another node, or else the next; null where none is left.
  Candidate nextBeside(NodeId node) {
    int elsewhere = left(node);
    int at = elsewhere >= 0 ? elsewhere : left(null);
    return at < 0 ? null : take(at);
  }

  /// The first of the plan, which may wait for room there: [Verdict#QUEUE] comes once.
  Candidate best() {
    queued = true;
    return candidates.getFirst();
  }

  /// The next of those that were away, which may wait there: after [Verdict#WAIT].
  Candidate away() {
    do {
      turn = (turn + 1) % Math.min(candidates.size(), MAX_CANDIDATES);
    } while ((awayBits & 1L << turn) == 0);
    return candidates.get(turn);
  }

  /// How long the attempt that begins now may wait for the way to its node: not at all where others
  /// are to be asked first.
  long patienceNanos() {
    if (left(null) >= 0 || awayBits != 0 && turn < 0) {
      return 0;
    }
    waiting = true;
    turnNanos = Long.bitCount(awayBits) > 1 ? Math.min(patienceNanos, TURN_NANOS) : patienceNanos;
    return turnNanos;
  }

  /// Counts an attempt.
  ///
  /// @return how many there have been
  int opened() {
    return ++opened;
  }

  int attempts() {
    return opened;
  }

  void failed(Tried tried) {
    Fault fault = tried.fault();
    onlyFull &= fault != null && fault.kind() == FaultKind.AT_HARD_LIMIT;
    if (fault != null && fault.scope() == Fault.Scope.NODE) {
      leaveOut(tried.candidate().instance().node());
    }
    boolean away = fault != null && isAway(fault.kind());
    aways += away ? 1 : 0;
    boolean refused = waiting && tried.nanos() < NO_WAIT_NANOS;
    note(tried.candidate(), away && !refused);
    if (waiting) {
      // No more than it was given: what this process itself lost is not its time.
      patienceNanos -= Math.min(tried.nanos(), turnNanos);
    }
    answered |= fault == null || fault.kind().side() != FaultKind.Side.BACKHAUL;
    if (failed == null) {
      failed = new ArrayList<>(4);
    }
    if (failed.size() < MAX_TRIES) {
      failed.add(tried);
    }
  }

  /// Whether an attempt failed before.
  boolean retried() {
    return failed != null;
  }

  /// What is remembered, and `last` where it is not null.
  List<Tried> tries(Tried last) {
    if (failed == null) {
      return last == null ? List.of() : List.of(last);
    }
    if (last != null) {
      failed.add(last);
    }
    return List.copyOf(failed);
  }

  /// What follows when the only attempt under way has ended so. [Verdict#AGAIN] has drawn on the
  /// budget where that is due.
  Verdict after(Fault fault, boolean bodyWhole, long nowNanos) {
    if (!fault.retrySafe()) {
      return mayBeTransient(fault.kind()) ? again(bodyWhole, mayWait(), nowNanos) : Verdict.FINAL;
    }
    if (left(null) >= 0) {
      return bodyWhole ? Verdict.AGAIN : Verdict.NO_BODY;
    }
    boolean full = onlyFull && fault.kind() == FaultKind.AT_HARD_LIMIT;
    if (full && !queued && terms.queueNanos() > 0) {
      return bodyWhole ? Verdict.QUEUE : Verdict.NO_BODY;
    }
    if (mayWait()) {
      return bodyWhole ? Verdict.WAIT : Verdict.NO_BODY;
    }
    return Verdict.EXHAUSTED;
  }

  /// Whether somebody was away who can be waited for.
  private boolean mayWait() {
    return awayBits != 0 && !answered && patienceNanos > 0;
  }

  /// What follows an answer with this status, or stands beside an attempt that has none yet.
  Verdict again(boolean bodyWhole, long nowNanos) {
    return again(bodyWhole, false, nowNanos);
  }

  private Verdict again(boolean bodyWhole, boolean mayWait, long nowNanos) {
    if (!repeatable) {
      return Verdict.FINAL;
    }
    ServicePolicy.Retry retry = terms.retry();
    boolean next = left(null) >= 0;
    if (opened - aways >= retry.attempts() || !next && !mayWait) {
      return Verdict.EXHAUSTED;
    }
    if (!bodyWhole) {
      return Verdict.NO_BODY;
    }
    return terms.stats().tryRetry(retry.budgetPercent(), retry.budgetPerSecond(), nowNanos)
        ? next ? Verdict.AGAIN : Verdict.WAIT
        : Verdict.NO_BUDGET;
  }

  /// Whether an answer with this status is to be tried again where that is possible.
  boolean unwanted(int status) {
    List<Integer> statuses = terms.retry().statuses();
    return repeatable && !statuses.isEmpty() && statuses.contains(status);
  }

  private static boolean isAway(FaultKind kind) {
    return kind == FaultKind.NODE_UNREACHABLE || kind == FaultKind.NODE_SLOW;
  }

  private void note(Candidate candidate, boolean away) {
    int at = candidates.indexOf(candidate);
    if (at >= 0 && at < MAX_CANDIDATES) {
      awayBits = away ? awayBits | 1L << at : awayBits & ~(1L << at);
    }
  }

  /// Another instance may do better: it was not the client, and not a decision.
  private static boolean mayBeTransient(FaultKind kind) {
    return switch (kind.side()) {
      case CLIENT -> false;
      case EDGE -> kind == FaultKind.TRY_TIMEOUT;
      case BACKHAUL, WORKER -> true;
      case APP -> kind != FaultKind.APP_NO_UPGRADE;
    };
  }

  /// The first that is left and not on this node; -1 where there is none.
  private int left(NodeId except) {
    int size = Math.min(candidates.size(), MAX_CANDIDATES);
    for (int i = 0; i < size; i++) {
      boolean untried = (triedBits & 1L << i) == 0;
      if (untried && !(except != null && candidates.get(i).instance().node().equals(except))) {
        return i;
      }
    }
    return -1;
  }

  private Candidate take(int at) {
    triedBits |= 1L << at;
    return candidates.get(at);
  }

  private void leaveOut(NodeId node) {
    for (int i = 0; i < Math.min(candidates.size(), MAX_CANDIDATES); i++) {
      if (candidates.get(i).instance().node().equals(node)) {
        triedBits |= 1L << i;
      }
    }
  }
}
