package anycast.backhaul.health;

import anycast.backhaul.runtime.LogText;
import java.util.concurrent.Future;

/// One check that is done again and again.
///
/// **Threading.** The checks' thread.
final class RunningCheck {
  /// Longest text of a result; the rest says the same.
  private static final int MAX_DETAIL = 200;

  private final CheckedInstance of;
  private final Aim aim;
  private final CheckState state;

  private boolean cancelled;
  private int begun;
  private int ended;
  private int unfinished;
  private Future<?> timeout;

  RunningCheck(CheckedInstance of, Aim aim, CheckState state) {
    this.of = of;
    this.aim = aim;
    this.state = state;
  }

  CheckedInstance of() {
    return of;
  }

  Aim aim() {
    return aim;
  }

  CheckState state() {
    return state;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /// Its timeout stays: it ends a run that is under way.
  void cancel() {
    cancelled = true;
  }

  /// Threads that were begun and have not come back: a name that cannot be looked up holds one.
  int unfinished() {
    return unfinished;
  }

  /// @return the number of this run
  int begin() {
    unfinished++;
    return ++begun;
  }

  void timeout(Future<?> made) {
    timeout = made;
  }

  void finished() {
    unfinished--;
  }

  /// Takes the result of a run, once.
  ///
  /// @return false where it comes too late
  boolean onResult(int run, CheckResult result, long nowNanos) {
    if (cancelled || ended >= run) {
      return false;
    }
    ended = run;
    timeout.cancel(false);
    state.onResult(
        switch (result) {
          case CheckResult.Passed() -> result;
          case CheckResult.Failed(String why) -> new CheckResult.Failed(told(why));
          case CheckResult.Lagging(String how) -> new CheckResult.Lagging(told(how));
        },
        nowNanos);
    return true;
  }

  /// What an app answered may be in it: one line of plain characters.
  private String told(String why) {
    String text = aim.service() + ": " + LogText.escape(why);
    return text.length() <= MAX_DETAIL ? text : text.substring(0, MAX_DETAIL);
  }
}
