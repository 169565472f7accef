package anycast.ctl.supervise;

import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/// The life of one service: events and the time come in, [Hands] do what follows.
///
/// ```
///            start               due               READY=1
///  STOPPED ─────────► BACKOFF ───────► STARTING ───────────► READY ◄───┐
///     ▲                  ▲                 │ start limit       │ no beat │ beats again
///     │                  │ ended           ▼        turn       ▼         │
///     │                  ├──────────── DUMPING ◄─────────── SILENT ──────┘
///     │                  │                 │ dump limit
///     │                  │ ended           ▼     stop limit
///     │                  ├──────────── KILLING ◄─────────── STOPPING ◄── stop, or STOPPING=1
///     │                  │                                     │ ended
///     └──────────────────┴─────────────────────────────────────┘
///        not wanted          wanted
/// ```
///
/// Clients wait through a short pause; through a long one, and while it is stopped, they are
/// refused.
///
/// From every state with a process, its end leads to STOPPED or BACKOFF, and nothing else does: so
/// there is never a second process. It never gives up: a service that always fails is tried once
/// every [ServiceConfig.Backoff#most].
///
/// **Threading.** One thread. Times are of one [anycast.routing.time.Ticker], in nanoseconds.
final class ServiceLife {
  /// Between two questions for a turn.
  static final Duration TURN = Duration.ofMillis(100);

  /// A client waits for a start that is due within that time, as it hardly notices. A longer pause
  /// means that several starts came to nothing: then it had better ask another host, and who looks
  /// whether this one is well is told the truth.
  static final Duration HOLD = Duration.ofSeconds(1);

  /// SIGKILL works at once, unless the kernel itself waits, for a disk say.
  static final Duration KILL_AGAIN = Duration.ofSeconds(10);

  private final boolean notifies;
  private final ServiceConfig.Limits limits;
  private final Hands hands;
  private final RandomGenerator random;

  private ServiceState state = ServiceState.STOPPED;
  private long sinceNanos;

  /// When the state ends by itself; meant where `timed`.
  private long dueNanos;

  private boolean timed;
  private boolean wanted;

  /// 0 = no process.
  private int pid;

  private long startedNanos;
  private OptionalLong readyNanos = OptionalLong.empty();
  private OptionalLong watchdogNanos = OptionalLong.empty();

  /// SILENT by its own word: beats do not help.
  private boolean triggered;

  /// It was sent SIGTERM already.
  private boolean asked;

  /// Why its process is being ended; empty = it is not.
  private String reason = "";

  private String status = "";
  private int attempts;
  private int starts;
  private Optional<LastRun> last = Optional.empty();

  ServiceLife(ServiceConfig config, Hands hands, RandomGenerator random, long nowNanos) {
    this.notifies = config.notifies();
    this.limits = config.limits();
    this.hands = hands;
    this.random = random;
    this.sinceNanos = nowNanos;
  }

  /// How the process before this one ended.
  ///
  /// @param how exit code or signal; or why there was no process
  /// @param reason why it was ended from here; empty = it ended by itself
  /// @param atNanos when
  /// @param livedNanos how long it ran
  record LastRun(String how, String reason, long atNanos, long livedNanos) {}

  /// All of it at one moment.
  ///
  /// @param pid 0 = no process
  /// @param dueNanos when the state ends by itself
  record Glimpse(
      ServiceState state,
      long sinceNanos,
      int pid,
      String status,
      int starts,
      OptionalLong dueNanos,
      Optional<LastRun> last) {}

  Glimpse glimpse() {
    return new Glimpse(state, sinceNanos, pid, status, starts, due(), last);
  }

  /// When [#tick] has something to do.
  OptionalLong due() {
    return timed ? OptionalLong.of(dueNanos) : OptionalLong.empty();
  }

  ServiceState state() {
    return state;
  }

  /// It is wanted: starts now, also where it would wait for its next try.
  void start(long now) {
    wanted = true;
    if (state == ServiceState.STOPPED || state == ServiceState.BACKOFF) {
      attempts = 0;
      enter(ServiceState.BACKOFF, now, now);
      tick(now);
    }
  }

  /// It is not wanted any more.
  void stop(long now) {
    wanted = false;
    end(now);
  }

  /// The process is stopped in order, and the next one starts at once.
  void restart(long now) {
    if (pid == 0) {
      start(now);
    } else {
      wanted = true;
      attempts = 0;
      end(now);
    }
  }

  private void end(long now) {
    switch (state) {
      case BACKOFF -> stopped(now);
      case STARTING, READY, STOPPING -> {
        if (!asked) {
          asked = true;
          reason = "asked to stop";
          hands.send(Signal.TERM);
          enter(ServiceState.STOPPING, now, now + limits.stop().toNanos());
        }
      }
      // It does not listen any more.
      case SILENT -> kill(now);
      case STOPPED, DUMPING, KILLING -> {}
    }
  }

  /// It is not wanted any more, and nobody waits for it.
  void stopAtOnce(long now) {
    wanted = false;
    if (state == ServiceState.BACKOFF) {
      stopped(now);
    } else if (pid != 0 && state != ServiceState.KILLING) {
      kill(now);
    }
  }

  /// A datagram has come.
  ///
  /// @return false = from a process that is not this service's, and nothing was done
  boolean told(int from, Telling telling, long now) {
    if (pid == 0 || from != pid) {
      return false;
    }
    telling.status().ifPresent(text -> status = text);
    if (telling.watchdogNanos().isPresent()) {
      watchdogNanos = telling.watchdogNanos();
      if (state == ServiceState.READY) {
        beat(now);
      }
    }
    if (telling.ready() && state == ServiceState.STARTING) {
      ready(now);
    } else if (telling.beat() && !triggered) {
      beat(now);
    }
    if (telling.stopping() && serves()) {
      reason = "stopped by itself";
      enter(ServiceState.STOPPING, now, now + limits.stop().toNanos());
    }
    if (telling.trigger() && serves()) {
      triggered = true;
      reason = "WATCHDOG=trigger";
      enter(ServiceState.SILENT, now, now);
      tick(now);
    }
    telling.extendNanos().ifPresent(length -> extend(now + length));
    return true;
  }

  private boolean serves() {
    return switch (state) {
      case STARTING, READY, SILENT -> true;
      case STOPPED, BACKOFF, DUMPING, KILLING, STOPPING -> false;
    };
  }

  private void ready(long now) {
    readyNanos = OptionalLong.of(now);
    rest(ServiceState.READY, now);
    beat(now);
  }

  private void beat(long now) {
    if (state == ServiceState.SILENT) {
      reason = "";
      rest(ServiceState.READY, now);
    }
    if (state == ServiceState.READY && watchdogNanos.isPresent()) {
      timed = true;
      dueNanos = now + watchdogNanos.getAsLong();
    }
  }

  /// Only beyond what the limit allows anyway.
  private void extend(long until) {
    boolean waits = state == ServiceState.STARTING || state == ServiceState.STOPPING;
    if (waits && until - dueNanos > 0) {
      dueNanos = until;
    }
  }

  /// The process has ended.
  void ended(int which, Child.End end, long now) {
    if (pid == 0 || which != pid) {
      return;
    }
    hands.gone();
    if (state == ServiceState.SILENT) {
      reason += ", ended by itself";
    }
    last = Optional.of(new LastRun(end.toString(), reason, now, now - startedNanos));
    boolean wasWell =
        readyNanos.isPresent()
            && now - readyNanos.getAsLong() >= limits.restart().reset().toNanos();
    pid = 0;
    if (wasWell) {
      attempts = 0;
    }
    comeBack(now);
  }

  /// Does what is due.
  void tick(long now) {
    if (!timed || now - dueNanos < 0) {
      return;
    }
    switch (state) {
      case BACKOFF -> spawn(now);
      case STARTING -> dump("no READY=1 for " + length(now - startedNanos), now);
      case READY -> {
        reason = "no WATCHDOG=1 for " + length(watchdogNanos.orElse(0));
        enter(ServiceState.SILENT, now, now);
        tick(now);
      }
      case SILENT -> {
        if (hands.turn(reason)) {
          dump(reason, now);
        } else {
          dueNanos = now + TURN.toNanos();
        }
      }
      case DUMPING -> kill(now);
      case STOPPING -> {
        reason += ", not gone after " + length(now - sinceNanos);
        kill(now);
      }
      case KILLING -> kill(now);
      case STOPPED -> timed = false;
    }
  }

  /// The supervisor itself stood still that long: nobody's beat could be heard.
  void forgive(long lostNanos) {
    switch (state) {
      case STARTING, READY, STOPPING -> dueNanos += lostNanos;
      case STOPPED, BACKOFF, SILENT, DUMPING, KILLING -> {}
    }
  }

  private void spawn(long now) {
    status = "";
    reason = "";
    triggered = false;
    asked = false;
    readyNanos = OptionalLong.empty();
    watchdogNanos =
        limits.watchdog().map(Duration::toNanos).map(OptionalLong::of).orElse(OptionalLong.empty());
    starts++;
    startedNanos = now;
    try {
      pid = hands.spawn();
    } catch (IOException | RuntimeException e) {
      // A fault of ours waits for its next try too, or it would be tried without end.
      last = Optional.of(new LastRun("no process", String.valueOf(e.getMessage()), now, 0));
      comeBack(now);
      return;
    }
    if (notifies) {
      enter(ServiceState.STARTING, now, now + limits.start().toNanos());
    } else {
      ready(now);
    }
  }

  /// For the next start, if there is to be one.
  private void comeBack(long now) {
    if (wanted) {
      // restart() by the operator waits for nothing: its end was wished for
      long pause = asked ? 0 : backoff();
      if (pause > HOLD.toNanos()) {
        hands.refuse();
      }
      enter(ServiceState.BACKOFF, now, now + pause);
      tick(now);
    } else {
      stopped(now);
    }
  }

  private void stopped(long now) {
    hands.refuse();
    rest(ServiceState.STOPPED, now);
  }

  private long backoff() {
    long most = limits.restart().most().toNanos();
    long step = limits.restart().first().toNanos();
    for (int i = 0; i < attempts && step < most; i++) {
      step = Math.min(most, step * 2);
    }
    attempts++;
    // by half at most, so that services that died together do not start together
    return step / 2 + random.nextLong(step / 2 + 1);
  }

  private void dump(String why, long now) {
    reason = why;
    hands.send(Signal.QUIT);
    enter(ServiceState.DUMPING, now, now + limits.dump().toNanos());
  }

  private void kill(long now) {
    hands.send(Signal.KILL);
    enter(ServiceState.KILLING, now, now + KILL_AGAIN.toNanos());
  }

  private void enter(ServiceState next, long now, long due) {
    rest(next, now);
    dueNanos = due;
    timed = true;
  }

  /// A state that lasts until something comes.
  private void rest(ServiceState next, long now) {
    if (next != state) {
      sinceNanos = now;
    }
    state = next;
    timed = false;
  }

  /// `250 ms`, `3 s`, `2.5 s`.
  private static String length(long nanos) {
    long millis = Duration.ofNanos(nanos).toMillis();
    long tenths = (millis + 50) / 100;
    return millis < 1000
        ? millis + " ms"
        : tenths / 10 + (tenths % 10 == 0 ? "" : "." + tenths % 10) + " s";
  }
}
