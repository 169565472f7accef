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
/// is one, and costs the budget nothing: the plan bounds it. After any other fault, and after an
/// answer whose status is to be tried again, there are four conditions: an idempotent method, a
/// body that can be sent from its beginning, an attempt left, and a retry left in the service's
/// budget, which is asked last.
///
/// **Threading.** The exchange's event loop. **Limits.** The first 64 candidates; at most
/// [#MAX_TRIES] are remembered.
final class CandidateWalk {
  /// What became of more than these nobody reads.
  static final int MAX_TRIES = 16;

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
    return candidates.size() < 2 && terms.queueNanos() == 0;
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

  /// The first of the plan, which [Verdict#QUEUE] is about.
  Candidate best() {
    queued = true;
    return candidates.getFirst();
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
      return mayBeTransient(fault.kind()) ? again(bodyWhole, nowNanos) : Verdict.FINAL;
    }
    if (left(null) >= 0) {
      return bodyWhole ? Verdict.AGAIN : Verdict.NO_BODY;
    }
    boolean full = onlyFull && fault.kind() == FaultKind.AT_HARD_LIMIT;
    if (full && !queued && terms.queueNanos() > 0) {
      return bodyWhole ? Verdict.QUEUE : Verdict.NO_BODY;
    }
    return Verdict.EXHAUSTED;
  }

  /// What follows an answer with this status, or stands beside an attempt that has none yet.
  Verdict again(boolean bodyWhole, long nowNanos) {
    if (!repeatable) {
      return Verdict.FINAL;
    }
    ServicePolicy.Retry retry = terms.retry();
    if (opened >= retry.attempts() || left(null) < 0) {
      return Verdict.EXHAUSTED;
    }
    if (!bodyWhole) {
      return Verdict.NO_BODY;
    }
    return terms.stats().tryRetry(retry.budgetPercent(), retry.budgetPerSecond(), nowNanos)
        ? Verdict.AGAIN
        : Verdict.NO_BUDGET;
  }

  /// Whether an answer with this status is to be tried again where that is possible.
  boolean unwanted(int status) {
    List<Integer> statuses = terms.retry().statuses();
    return repeatable && !statuses.isEmpty() && statuses.contains(status);
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
