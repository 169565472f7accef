package anycast.load.balance;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// One instance: some requests at a time, the others wait in order; above the hard limit its worker
/// refuses.
final class Server {
  static final int CORES = 2;
  static final int SOFT_LIMIT = 4;
  static final int HARD_LIMIT = 10;
  static final double MEAN_NANOS = 100_000_000;

  /// Of the logarithm: the slowest of a thousand takes eight times the median.
  private static final double SIGMA = 0.7;

  private static final double SLOW = 8;
  private static final double COLD = 4;
  private static final long COLD_NANOS = 4_000_000_000L;
  private static final long BROKEN_NANOS = 1_000_000;

  final int number;
  private final Agenda agenda;
  private final SplittableRandom random;
  private final ArrayDeque<Call> waiting = new ArrayDeque<>();
  private final List<Call> working = new ArrayList<>(CORES);
  private double smoothedNanos = -1;
  private long coldUntil;
  boolean up = true;
  boolean slow;
  boolean broken;

  /// What one attempt asks of it.
  abstract static class Call {
    private long arrived;
    private boolean over;

    /// @param inFlight on the instance, this one included
    /// @param appNanos smoothed; -1 = unknown
    abstract void onEnd(Ending ending, int inFlight, long appNanos);
  }

  enum Ending {
    ANSWERED,
    /// With status 500.
    FAILED,
    /// It crashed with the request.
    LOST,
    /// It was not tried.
    REFUSED
  }

  Server(int number, Agenda agenda, SplittableRandom random) {
    this.number = number;
    this.agenda = agenda;
    this.random = random;
  }

  int inFlight() {
    return working.size() + waiting.size();
  }

  void offer(Call call) {
    if (!up || inFlight() >= HARD_LIMIT) {
      call.onEnd(Ending.REFUSED, inFlight(), appNanos());
      return;
    }
    call.arrived = agenda.now();
    if (broken) {
      agenda.in(BROKEN_NANOS, () -> call.onEnd(Ending.FAILED, inFlight(), appNanos()));
    } else if (working.size() < CORES) {
      work(call);
    } else {
      waiting.add(call);
    }
  }

  private void work(Call call) {
    working.add(call);
    double nanos = MEAN_NANOS * Math.exp(SIGMA * random.nextGaussian() - SIGMA * SIGMA / 2);
    long cold = Math.max(0, coldUntil - agenda.now());
    nanos *= slow ? SLOW : 1;
    nanos *= 1 + (COLD - 1) * cold / COLD_NANOS;
    agenda.in((long) nanos, () -> done(call));
  }

  private void done(Call call) {
    if (call.over) {
      return;
    }
    long took = agenda.now() - call.arrived;
    smoothedNanos = smoothedNanos < 0 ? took : smoothedNanos + (took - smoothedNanos) / 8;
    call.onEnd(Ending.ANSWERED, inFlight(), appNanos());
    working.remove(call);
    Call next = waiting.poll();
    if (next != null) {
      work(next);
    }
  }

  long appNanos() {
    return (long) smoothedNanos;
  }

  /// @param crash what is in flight fails; else it is finished
  void stop(boolean crash) {
    up = false;
    if (crash) {
      List<Call> lost = new ArrayList<>(working);
      lost.addAll(waiting);
      working.clear();
      waiting.clear();
      for (Call call : lost) {
        call.over = true;
        call.onEnd(Ending.LOST, 0, appNanos());
      }
    }
  }

  void start() {
    up = true;
    coldUntil = agenda.now() + COLD_NANOS;
  }
}
