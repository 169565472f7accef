package anycast.routing.feed.corrosion;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/// Which of several agents is asked.
///
/// One that has worked is tried again for a while after it failed, because going on there is cheap
/// and another agent means a new snapshot. One that never worked is left at its first failure. The
/// walk goes around: the first of the list is not better than the others once it has failed.
///
/// **Threading.** One stream's.
final class AgentWalk {
  /// Who is asked next.
  enum Next {
    /// The same again.
    SAME,
    /// One that has not failed since any of them worked: nothing speaks for a wait.
    UNTRIED,
    /// Another, but all have failed: there is no hurry any more.
    TRIED
  }

  private final List<URI> agents;
  private final long stickinessNanos;
  private int index;
  private boolean worked;
  private int walks;
  private boolean failing;
  private long failingSinceNanos;

  AgentWalk(List<URI> agents, Duration stickiness) {
    this.agents = List.copyOf(agents);
    this.stickinessNanos = stickiness.toNanos();
  }

  URI agent() {
    return agents.get(index);
  }

  /// It delivers what we asked for.
  void onWorking() {
    worked = true;
    walks = 0;
  }

  /// It delivered for so long that earlier failures do not count any more.
  void onProven() {
    failing = false;
  }

  /// It failed.
  ///
  /// @param sinceNanos when it began to, e.g. when it was asked what it never answered
  Next onFailed(long sinceNanos, long nowNanos) {
    if (!failing) {
      failing = true;
      failingSinceNanos = sinceNanos;
    }
    boolean stays = worked && nowNanos - failingSinceNanos < stickinessNanos;
    return stays ? Next.SAME : walk();
  }

  /// How long one that has just failed is stuck to; as good as for ever where there is no other.
  long stickyNanos(long nowNanos) {
    return agents.size() == 1
        ? Long.MAX_VALUE
        : Math.max(0, stickinessNanos - (nowNanos - failingSinceNanos));
  }

  /// It is not the one that was meant.
  Next walk() {
    if (agents.size() == 1) {
      return Next.SAME;
    }
    walks++;
    index = (index + 1) % agents.size();
    worked = false;
    failing = false;
    return walks < agents.size() ? Next.UNTRIED : Next.TRIED;
  }
}
