package anycast.routing.feed.corrosion;

import anycast.routing.feed.Backoff;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;

/// What the loss of a stream calls for: where it goes on, who is asked, and how long that waits.
///
/// **Threading.** One stream's.
final class Recovery {
  /// Where a lost stream may go on; ids mean something to that agent only.
  ///
  /// @param queryHash empty = the agent told none
  /// @param last the last change that was taken in, above 0
  record Position(URI agent, String subscription, String queryHash, long last) {
    /// Whether an answer is of another subscription, as far as it says of which it is.
    boolean differs(Answer answer) {
      return differs(subscription, answer.subscription()) || differs(queryHash, answer.queryHash());
    }

    private static boolean differs(String known, String told) {
      return !known.isEmpty() && !told.isEmpty() && !known.equals(told);
    }
  }

  /// What is to be done.
  enum Verdict {
    /// Go on where it was, if that is still possible.
    RESUME,
    /// Forget the position; wait as after any failure.
    ANEW,
    /// Forget the position, and do not wait the first time: the remedy is known.
    ANEW_AT_ONCE,
    /// Ask another agent: this is not the one that was meant, or it hears nothing from the others.
    /// Where there is none, go on where it was.
    ELSEWHERE,
    /// Nothing failed, we wanted it: go on where it was, and do not wait the first time.
    AGAIN
  }

  /// A way of failing whose remedy is known, so that the first try needs no wait.
  enum Remedy {
    /// A subscription that cannot be resumed: subscribe.
    REFUSED_RESUME,
    /// A big snapshot that was cut for its first reader: the second reader's comes another way.
    CUT_SNAPSHOT,
    /// It was asked for. Whoever asks again before the stream has lasted may be in a circle with
    /// the agent.
    ASKED
  }

  /// A stream that was up for so long earns a quick first retry.
  static final Duration PROVEN = Backoff.LONGEST;

  /// An agent keeps a subscription without readers for 10 minutes, and looks each minute.
  static final Duration RESUMABLE = Duration.ofMinutes(9);

  /// Resumes in a row that brought nothing; then the subscription is given up, not the agent.
  static final int FRUITLESS_RESUMES = 3;

  /// An agent that asks for more does not mean us.
  static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);

  private final AgentWalk agents;
  private final Backoff backoff;
  private final Set<Remedy> remedies = EnumSet.allOf(Remedy.class);

  private Optional<Position> position = Optional.empty();
  private long lostNanos;
  private int fruitlessResumes;
  private boolean waiting;
  private long notBeforeNanos;

  Recovery(List<URI> agents, Duration stickiness, RandomGenerator random) {
    this.agents = new AgentWalk(agents, stickiness);
    this.backoff = new Backoff(random);
  }

  /// Who is asked next, and while a stream is open: who is read.
  URI agent() {
    return agents.agent();
  }

  /// How long the next attempt waits; 0 = no longer.
  long waitNanos(long nowNanos) {
    return waiting ? Math.max(0, notBeforeNanos - nowNanos) : 0;
  }

  /// Where the next attempt may go on; empty = it begins with a snapshot.
  Optional<Position> position(long nowNanos) {
    return position
        .filter(p -> p.agent().equals(agents.agent()))
        .filter(_ -> nowNanos - lostNanos < RESUMABLE.toNanos());
  }

  /// The next attempt begins with a snapshot.
  void forget() {
    position = Optional.empty();
  }

  /// The next attempt does not wait.
  void hurry() {
    waiting = false;
  }

  /// The agent delivers what we asked for.
  void onWorking() {
    agents.onWorking();
  }

  /// Something new came.
  void onProgress() {
    fruitlessResumes = 0;
  }

  /// A resume was answered, and brought nothing.
  void onFruitlessResume() {
    fruitlessResumes++;
    if (fruitlessResumes >= FRUITLESS_RESUMES) {
      forget();
    }
  }

  /// A live stream ended.
  ///
  /// @param reached where it ended; empty = it cannot be resumed
  /// @param liveNanos how long it was live
  void onLiveLost(Optional<Position> reached, long liveNanos, long nowNanos) {
    position = reached;
    lostNanos = nowNanos;
    if (liveNanos >= PROVEN.toNanos()) {
      backoff.reset();
      agents.onProven();
      remedies.addAll(EnumSet.allOf(Remedy.class));
      fruitlessResumes = 0;
    }
  }

  /// An attempt ended.
  ///
  /// @param sinceNanos when it began to fail
  /// @param retryAfterSeconds as the agent asked
  void onLost(
      Verdict verdict,
      Remedy remedy,
      OptionalLong retryAfterSeconds,
      long sinceNanos,
      long nowNanos) {
    waiting = false;
    switch (verdict) {
      case RESUME -> onFailed(retryAfterSeconds, sinceNanos, nowNanos);
      case ANEW -> {
        forget();
        onFailed(retryAfterSeconds, sinceNanos, nowNanos);
      }
      case ANEW_AT_ONCE -> {
        forget();
        if (!remedies.remove(remedy)) {
          onFailed(retryAfterSeconds, sinceNanos, nowNanos);
        }
      }
      case ELSEWHERE -> pause(agents.walk(), OptionalLong.empty(), nowNanos);
      case AGAIN -> {
        if (!remedies.remove(Remedy.ASKED)) {
          pause(backoff.nextNanos(), nowNanos);
        }
      }
    }
  }

  private void onFailed(OptionalLong retryAfterSeconds, long sinceNanos, long nowNanos) {
    pause(agents.onFailed(sinceNanos, nowNanos), retryAfterSeconds, nowNanos);
  }

  private void pause(AgentWalk.Next next, OptionalLong retryAfterSeconds, long nowNanos) {
    long seconds = Math.clamp(retryAfterSeconds.orElse(0), 0, LONGEST_RETRY_AFTER.toSeconds());
    long nanos =
        switch (next) {
          case SAME -> {
            // a long wait must not outlast what it waits with
            long usual = Math.min(backoff.nextNanos(), agents.stickyNanos(nowNanos));
            yield Math.max(Duration.ofSeconds(seconds).toNanos(), usual);
          }
          case UNTRIED -> backoff.firstNanos();
          case TRIED -> backoff.nextNanos();
        };
    pause(nanos, nowNanos);
  }

  private void pause(long nanos, long nowNanos) {
    waiting = true;
    notBeforeNanos = nowNanos + nanos;
  }
}
