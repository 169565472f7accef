package anycast.routing.sim;

import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.PriorityQueue;

/// Virtual time and what is due in it. Two things due at one instant happen in the order in which
/// they were put down, so that a seed tells one story only.
///
/// **Threading.** One world's.
final class Agenda implements Ticker {
  private record Due(long atNanos, long order, Runnable action) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Due> due = new PriorityQueue<>();
  private final long originNanos;
  private long nowNanos;
  private long order;
  private long steps;

  /// @param originNanos what the clock shows at first: arbitrary, as the real one's origin is, and
  ///   it may run over the end of a `long`
  Agenda(long originNanos) {
    this.originNanos = originNanos;
  }

  @Override
  public long nanos() {
    return originNanos + nowNanos;
  }

  /// Time since the world began.
  long elapsedNanos() {
    return nowNanos;
  }

  void in(long delayNanos, Runnable action) {
    due.add(new Due(nowNanos + Math.max(0, delayNanos), order++, action));
  }

  void in(Duration delay, Runnable action) {
    in(delay.toNanos(), action);
  }

  /// Happens again and again until the world ends.
  void every(Duration period, Runnable action) {
    in(
        period,
        () -> {
          action.run();
          every(period, action);
        });
  }

  /// Lets time pass, with all that is due in it.
  void run(Duration length) {
    long untilNanos = nowNanos + length.toNanos();
    while (!due.isEmpty() && due.peek().atNanos <= untilNanos) {
      Due next = due.poll();
      nowNanos = next.atNanos;
      steps++;
      next.action.run();
    }
    nowNanos = untilNanos;
  }

  long steps() {
    return steps;
  }
}
