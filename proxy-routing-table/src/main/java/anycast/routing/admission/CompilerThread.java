package anycast.routing.admission;

import anycast.routing.time.Progress;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One thread for work that may never end, and another one when it did not.
///
/// ```
///  writer ──work──► [compiler-1] ──outcome──► writer
///                        │ budget spent
///                        ▼ abandoned: interrupted once, left behind, counted
///                   [compiler-2] ◄──next work── writer
/// ```
///
/// A work is charged the CPU time of its thread and the time that the thread is blocked or waits,
/// as looked at every 10 ms: a machine that has no CPU to give blames nobody. Beyond 20 times its
/// budget by the clock, without the collector's time, it is given up all the same, because a thread
/// may wait in a system call without being seen to.
///
/// **Threading.** Any thread submits and waits; they take turns. While a work is under way whoever
/// waits beats for the compiler too: the budget watches it then, not the watchdog. **Limits.**
/// Threads that were given up and have not ended: those of [Abandoned]; twice as many for work of
/// fixed shape. **Faults.** Values.
public final class CompilerThread implements AutoCloseable {
  /// Hears of the thread that compiles from now on.
  @FunctionalInterface
  public interface Watch {
    /// Nobody watches.
    Watch NOBODY = (_, _) -> {};

    /// @param progress beaten at least every 100 ms as long as the thread is the compiler; after it
    ///   was given up its successor beats it
    void on(Thread compiler, Progress progress);
  }

  /// What a work may cost in CPU time and time blocked.
  ///
  /// @param step from one [#on] to the next
  /// @param whole all of it
  public record Budget(Duration step, Duration whole) {
    /// A rule is a hundred characters and costs 20 to 50 µs, ten times that in a process that has
    /// just begun: a long document must not be taken for one that hangs.
    private static final long NANOS_A_CHAR = 4_000;

    private static final Duration MOST_FOR_TEXT = Duration.ofSeconds(5);

    /// Of a work that is one step.
    public static Budget of(Duration whole) {
      return new Budget(whole, whole);
    }

    /// What documents of this length may cost beyond what an entry may.
    static Duration forText(long chars) {
      Duration due = Duration.ofNanos(chars * NANOS_A_CHAR);
      return due.compareTo(MOST_FOR_TEXT) < 0 ? due : MOST_FOR_TEXT;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(CompilerThread.class);

  /// A budget by the clock in budgets by CPU time: on a machine that gives a thread a twentieth of
  /// a CPU, work that is worth its budget still ends.
  public static final int CLOCK_FACTOR = 20;

  static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long BEAT_MILLIS = 100;

  /// A thread answers within microseconds unless it is in a loop that does not ask.
  private static final long STACK_MILLIS = 100;

  /// Deeper, a stack repeats itself.
  private static final int MAX_FRAMES = 200;

  /// One work with its result.
  private static final class Job<T> {
    final ContentHash entry;
    final Stage stage;
    final Callable<T> work;
    final CountDownLatch over = new CountDownLatch(1);

    /// Written before `over` is counted down.
    Outcome<T> outcome;

    volatile long startedCpuNanos = -1;

    Job(ContentHash entry, Stage stage, Callable<T> work) {
      this.entry = entry;
      this.stage = stage;
      this.work = work;
    }
  }

  private final Ticker ticker;
  private final FlightNotes notes;
  private final Watch watch;
  private final Progress progress = new Progress();
  private final AtomicLong abandonedEver = new AtomicLong();

  /// Held by whoever submits, while the work is under way.
  private final ReentrantLock turn = new ReentrantLock();

  // Guarded by `turn`.
  private final Abandoned abandoned;
  private volatile Worker worker;
  private int started;

  /// What they weighed, and how many they were, when it was looked last.
  private volatile int weight;

  private volatile int lost;
  private volatile boolean closed;

  /// @param notes written on the compiler's thread
  public CompilerThread(Ticker ticker, FlightNotes notes, Watch watch) {
    this.ticker = ticker;
    this.notes = notes;
    this.watch = watch;
    this.abandoned = new Abandoned(ticker);
  }

  /// Starts the thread that would otherwise start with the first work.
  public void start() {
    turn.lock();
    try {
      worker();
    } finally {
      turn.unlock();
    }
  }

  /// Has a work done and waits for it.
  ///
  /// @param entry what the flight recorder is told that it is about; the work may tell it more
  ///   exactly by [#on]
  /// @param waiting called every 10 ms while it is under way, on the thread of whoever waits
  public <T> Outcome<T> run(
      ContentHash entry, Stage stage, Budget budget, Runnable waiting, Callable<T> work) {
    turn.lock();
    try {
      if (closed || weigh() >= Abandoned.LAST_WEIGHT) {
        return new Outcome.NotTried<>(lost);
      }
      Job<T> job = new Job<>(entry, stage, work);
      Worker by = worker();
      by.jobs.add(job);
      return await(by, job, budget, waiting);
    } finally {
      turn.unlock();
    }
  }

  /// Tells the flight recorder what the work is about from now on, where that is the next step of
  /// it. On the compiler's thread; one that was given up tells nothing any more.
  public void on(ContentHash entry, Stage stage) {
    Worker by = worker;
    if (by != null && by.thread == Thread.currentThread()) {
      by.steps++;
      notes.on(entry, stage);
    }
  }

  /// Whether so many threads were given up that nothing risky is to be tried until one of them
  /// ends.
  public boolean exhausted() {
    return weight >= Abandoned.MOST_WEIGHT && weighNow() >= Abandoned.MOST_WEIGHT;
  }

  /// Threads that were given up and have not ended, as of the last work. Any thread.
  public int abandoned() {
    return lost;
  }

  /// Threads ever given up. Any thread.
  public long abandonedEver() {
    return abandonedEver.get();
  }

  private int weighNow() {
    turn.lock();
    try {
      return weigh();
    } finally {
      turn.unlock();
    }
  }

  private int weigh() {
    weight = abandoned.weigh();
    lost = abandoned.count();
    return weight;
  }

  private Worker worker() {
    if (worker == null) {
      worker = new Worker("compiler-" + ++started);
      worker.thread.start();
      watch.on(worker.thread, progress);
    }
    return worker;
  }

  private <T> Outcome<T> await(Worker by, Job<T> job, Budget budget, Runnable waiting) {
    Charge charge =
        new Charge(
            ticker,
            by.thread,
            () -> job.startedCpuNanos,
            () -> by.steps,
            budget,
            Charge::collected);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (job.over.await(LOOK_NANOS, TimeUnit.NANOSECONDS)) {
            return job.outcome;
          }
        } catch (InterruptedException e) {
          // The budget bounds the wait; half a publication helps nobody.
          interrupted = true;
        }
        waiting.run();
        progress.beat();
        if (charge.isSpent()) {
          return abandon(by, job, charge);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <T> Outcome<T> abandon(Worker by, Job<T> job, Charge charge) {
    String stack = stack(by.thread);
    if (job.over.getCount() == 0) {
      // It ended while it was looked at.
      return job.outcome;
    }
    by.leave();
    abandoned.add(by.thread, charge.burns());
    weigh();
    abandonedEver.incrementAndGet();
    worker = null;
    worker();
    Duration spent = Duration.ofNanos(charge.spentNanos());
    LOG.warn(
        "{} was given up after {} ms at {} of {}",
        by.thread.getName(),
        spent.toMillis(),
        job.stage,
        job.entry);
    return new Outcome.OverBudget<>(stack, spent);
  }

  /// Asked for by a thread of its own, because who asks waits until the other one answers.
  private static String stack(Thread of) {
    String[] told = {"the thread did not answer: it is in a loop that asks for nothing"};
    CountDownLatch asked = new CountDownLatch(1);
    Thread.ofPlatform()
        .name("compiler-stack")
        .daemon(true)
        .start(() -> {
          String lines = lines(of.getStackTrace());
          synchronized (told) {
            told[0] = lines;
          }
          asked.countDown();
        });
    try {
      boolean _ = asked.await(STACK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (told) {
      return told[0];
    }
  }

  static String lines(StackTraceElement[] frames) {
    StringBuilder lines = new StringBuilder();
    Iterator<StackTraceElement> each = List.of(frames).iterator();
    for (int i = 0; i < MAX_FRAMES && each.hasNext(); i++) {
      lines.append("  at ").append(each.next()).append('\n');
    }
    return lines.toString();
  }

  /// The thread ends; what it is at is not waited for.
  @Override
  public void close() {
    closed = true;
    turn.lock();
    try {
      if (worker != null) {
        worker.leave();
        worker = null;
      }
    } finally {
      turn.unlock();
    }
  }

  /// One generation.
  private final class Worker implements Runnable {
    final LinkedTransferQueue<Job<?>> jobs = new LinkedTransferQueue<>();
    final Thread thread;
    private volatile boolean left;

    /// Its own to count.
    volatile int steps;

    Worker(String name) {
      thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this);
    }

    void leave() {
      left = true;
      thread.interrupt();
    }

    @Override
    public void run() {
      if (!left) {
        // Its forerunner may have left a name there.
        notes.on(ContentHash.NONE, Stage.IDLE);
      }
      while (!left && !closed) {
        try {
          Job<?> job = jobs.poll(BEAT_MILLIS, TimeUnit.MILLISECONDS);
          if (job == null) {
            progress.beat();
          } else {
            perform(job);
          }
        } catch (InterruptedException e) {
          LOG.debug("{} ends", thread.getName());
        }
      }
    }

    private <T> void perform(Job<T> job) {
      Outcome<T> outcome;
      job.startedCpuNanos = Charge.cpuNanos(thread);
      try {
        notes.on(job.entry, job.stage);
        outcome = new Outcome.Done<>(job.work.call());
      } catch (OutOfMemoryError e) {
        outcome = new Outcome.OutOfMemory<>(e);
      } catch (Throwable e) {
        // A tenant's row may bring about any error at all: it costs the row.
        outcome = new Outcome.Failed<>(e);
      }
      if (!left) {
        notes.on(ContentHash.NONE, Stage.IDLE);
      }
      job.outcome = outcome;
      job.over.countDown();
    }
  }
}
