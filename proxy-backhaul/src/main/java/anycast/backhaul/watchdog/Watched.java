package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Task;
import anycast.routing.time.Progress;
import java.util.List;

/// One thread that is watched, and what is held against it.
///
/// **Threading.** The watchdog writes, except what [Errands] does; any thread reads values that are
/// whole and at most a moment old.
final class Watched {
  /// Whose stall matters how much.
  enum Kind {
    /// An event loop: requests stand still with it, so its stall ends the process.
    LOOP(1),
    /// Requests go on without it: told, later, and nothing else. A batch of a million rows takes
    /// seconds and is no stall; four times a loop's patience covers it.
    OTHER(4);

    /// Ages at which a stall is told are that many times those of a loop.
    final int patience;

    Kind(int patience) {
      this.patience = patience;
    }
  }

  /// A stack, as it was.
  ///
  /// @param atNanos of the process's clock
  /// @param frames innermost first
  record Sample(long atNanos, List<String> frames) {}

  final String name;
  final Kind kind;
  final Thread thread;
  final Progress progress;
  final Sense sense;

  /// Its place among the loops; -1 for another thread.
  final int loop;

  volatile Sample sample;

  /// Whether somebody has asked for its stack and has had no answer: it reaches no safepoint.
  volatile boolean asked;

  /// The one that does the watchdog's errands counts what it has taken samples of and told.
  long stallsSampled;

  long stallsTold;

  // The watchdog's own.
  long countSeen;
  long cpuSeenNanos;
  boolean wasBlocked;
  boolean sampled;
  boolean dumped;
  boolean marked;

  // Written by the watchdog, read by others.
  private volatile long blameNanos;
  private volatile long ageNanos;
  private volatile long starvedNanos;
  private volatile long stalls;
  private volatile long lastStallNanos;
  private volatile Task.State state = Task.State.RUNNABLE;

  Watched(String name, Thread thread, Progress progress, Sense sense, int loop) {
    this.name = name;
    this.kind = loop < 0 ? Kind.OTHER : Kind.LOOP;
    this.thread = thread;
    this.progress = progress;
    this.sense = sense;
    this.loop = loop;
    this.countSeen = progress.count();
    this.cpuSeenNanos = sense.cpuNanos();
  }

  /// Time since the last beat that the thread itself has spent, as far as the watchdog saw.
  long blameNanos() {
    return blameNanos;
  }

  /// Time since the last beat, whoever is to blame for it.
  long ageNanos() {
    return ageNanos;
  }

  /// Part of the age in which it would have run, had there been a CPU for it.
  long starvedNanos() {
    return starvedNanos;
  }

  /// How often it has stood still since the start.
  long stalls() {
    return stalls;
  }

  Task.State state() {
    return state;
  }

  /// Age of the last stall that is over, when it was seen last; 0 = there was none.
  long lastStallNanos() {
    return lastStallNanos;
  }

  /// Ages at which something is done, for this kind.
  boolean hasReached(long ageNanos) {
    return blameNanos >= ageNanos * kind.patience;
  }

  /// It came round.
  void forgive() {
    if (sampled) {
      lastStallNanos = ageNanos;
    }
    if (ageNanos != 0) {
      blameNanos = 0;
      ageNanos = 0;
      starvedNanos = 0;
    }
    wasBlocked = false;
    sampled = false;
    dumped = false;
  }

  /// It did not come round, for `spent` of its own doing and `starved` of somebody else's.
  void charge(Task.State found, long elapsed, long spent, long starved) {
    state = found;
    ageNanos = ageNanos + elapsed;
    if (spent != 0) {
      blameNanos = blameNanos + spent;
    }
    if (starved != 0) {
      starvedNanos = starvedNanos + starved;
    }
  }

  /// Its blame reached the age of a stall.
  void stalled() {
    sampled = true;
    stalls = stalls + 1;
  }
}
