package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Task;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// What `/watchdog` answers. Its components are the keys of the answer.
///
/// @param action `kill` or `log`
/// @param ticks looks since the start
/// @param lateTicks those that came so late that they were not counted
/// @param lostMs time that the watchdog itself has lost
record WatchdogView(
    String action, long ticks, long lateTicks, long lostMs, CanaryRow canary, List<Row> threads) {
  /// The process' requests to itself.
  ///
  /// @param ageMs since one last came back through each listener; null = never
  /// @param roundTripMs of the last one; null = never
  /// @param error of the last failure; empty = none
  record CanaryRow(Long ageMs, Double roundTripMs, long failures, String error) {
    static CanaryRow of(Canary.Report report) {
      return new CanaryRow(
          report.ageNanos() < 0 ? null : millis(report.ageNanos()),
          report.roundTripNanos() < 0 ? null : report.roundTripNanos() / NANOS_A_MILLI,
          report.failures(),
          report.error());
    }
  }

  private static final double NANOS_A_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  /// One thread.
  ///
  /// @param beats how often it has come round
  /// @param ageMs time since it was last seen to
  /// @param blameMs part of that time which it has itself spent, running or blocked
  /// @param starvedMs part of that time in which it wanted to run and got no CPU
  /// @param state `runs`, `waits`, `stopped` or `gone`; of a thread that comes round, `well`
  /// @param stalls how often it has stood still
  /// @param lastStallMs how long the last stall took that is over; 0 = there was none
  /// @param sample where it stood in its last stall, innermost frame first; empty = never
  record Row(
      String name,
      String kind,
      long beats,
      long ageMs,
      long blameMs,
      long starvedMs,
      String state,
      long stalls,
      long lastStallMs,
      Long sampleAgeMs,
      List<String> sample) {
    static Row of(Watched thread, boolean well, long nowNanos) {
      Watched.Sample sample = thread.sample;
      return new Row(
          thread.name,
          thread.kind.name().toLowerCase(Locale.ROOT),
          thread.progress.count(),
          millis(thread.ageNanos()),
          millis(thread.blameNanos()),
          millis(thread.starvedNanos()),
          well ? "well" : word(thread.state()),
          thread.stalls(),
          millis(thread.lastStallNanos()),
          sample == null ? null : millis(nowNanos - sample.atNanos()),
          sample == null ? List.of() : sample.frames());
    }
  }

  static WatchdogView of(Watchdog watchdog, Canary.Report canary, long nowNanos) {
    Watchdog.Ages ages = watchdog.ages();
    Judge judge = watchdog.judge();
    return new WatchdogView(
        ages.kills() ? "kill" : "log",
        judge.ticks(),
        judge.lateTicks(),
        millis(judge.lostNanos()),
        CanaryRow.of(canary),
        Arrays.stream(watchdog.threads())
            .map(each -> Row.of(each, each.ageNanos() < ages.sample(), nowNanos))
            .toList());
  }

  private static String word(Task.State state) {
    return switch (state) {
      case RUNNABLE -> "runs";
      case BLOCKED -> "waits";
      case STOPPED -> "stopped";
      case GONE -> "gone";
    };
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
