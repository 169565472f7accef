package anycast.routing.admission;

import anycast.routing.time.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Threads that were given up and have not ended, and how much they weigh.
///
/// One that waits costs its stack and keeps what it was working on, perhaps a snapshot that shares
/// less and less with the one in force. One that computes takes a whole CPU, and Java can neither
/// stop it nor make it polite.
///
/// **Threading.** Its owner's.
final class Abandoned {
  /// Of one that waits it is 1.
  static final int BURNING_WEIGHT = 4;

  /// Nothing risky is tried from here on: eight that compute, or 32 that wait.
  static final int MOST_WEIGHT = 8 * BURNING_WEIGHT;

  /// Work of fixed shape, which is not expected to hang, is tried until then: nodes and instances
  /// come and go while documents wait.
  static final int LAST_WEIGHT = 2 * MOST_WEIGHT;

  /// Shorter, one that gets no CPU among many that compute looks like one that wants none.
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final class Lost {
    final Thread thread;
    boolean burns;
    long cpuNanos;
    long lookedNanos;

    Lost(Thread thread, boolean burns, long nowNanos) {
      this.thread = thread;
      this.burns = burns;
      this.cpuNanos = Charge.cpuNanos(thread);
      this.lookedNanos = nowNanos;
    }

    void look(long nowNanos) {
      if (nowNanos - lookedNanos >= LOOK_NANOS) {
        long cpu = Charge.cpuNanos(thread);
        // One in a system call runs, as far as Java knows, and takes none.
        burns = thread.getState() == Thread.State.RUNNABLE && cpu > cpuNanos;
        cpuNanos = cpu;
        lookedNanos = nowNanos;
      }
    }
  }

  private final Ticker ticker;
  private final List<Lost> all = new ArrayList<>();

  Abandoned(Ticker ticker) {
    this.ticker = ticker;
  }

  /// @param burns whether it computed rather than waited until now
  void add(Thread thread, boolean burns) {
    all.add(new Lost(thread, burns, ticker.nanos()));
  }

  /// Looks at all of them; those that have ended are forgotten.
  int weigh() {
    all.removeIf(one -> !one.thread.isAlive());
    long now = ticker.nanos();
    int weight = 0;
    for (Lost one : all) {
      one.look(now);
      weight += one.burns ? BURNING_WEIGHT : 1;
    }
    return weight;
  }

  /// As of the last look.
  int count() {
    return all.size();
  }
}
