package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.ConfigBlock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The configuration block `watchdog`, which every process has and none needs.
///
/// @param directory for the flight file and dumps; empty = neither is written
/// @param action what is done about a stall
/// @param sample age of a stall at which the thread's stack is taken
/// @param notReady age at which the process says that it is not ready
/// @param dump age at which threads, their work and the last log lines are written to a file
/// @param endOne age at which one stalled loop ends the process
/// @param endHalf age at which half of the loops, stalled together, end it
/// @param jitter at most that much is added to both, by chance
public record VitalsConfig(
    Optional<Path> directory,
    Action action,
    Duration sample,
    Duration notReady,
    Duration dump,
    Duration endOne,
    Duration endHalf,
    Duration jitter) {
  /// Half a second is ten looks of the watchdog, and two beats; two seconds are what a balancer
  /// takes to look elsewhere; at three a stack tells more than waiting does; after five seconds
  /// most clients have gone. A second of jitter keeps hosts that stall together from starting
  /// together.
  public static final VitalsConfig STANDARD =
      new VitalsConfig(
          Optional.empty(),
          Action.KILL,
          Duration.ofMillis(500),
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          Duration.ofSeconds(3),
          Duration.ofSeconds(1));

  /// Two beats of 250 ms may be one tick of 50 ms late each, on a machine that is busy.
  private static final Duration MIN_SAMPLE = Duration.ofMillis(400);

  private static final Duration MAX_END = Duration.ofMinutes(10);
  private static final Duration MAX_JITTER = Duration.ofMinutes(1);

  /// What is done about a stall.
  public enum Action {
    /// The process ends itself.
    KILL,
    /// It is only told: for debuggers, and to find out what would happen.
    LOG
  }

  /// Reads the optional block `watchdog` of `root`.
  public static VitalsConfig read(ConfigBlock root) {
    ConfigBlock block = root.optionalBlock("watchdog");
    VitalsConfig read =
        new VitalsConfig(
            Optional.ofNullable(block.path("directory", null)),
            block.choice("action", Action.class, STANDARD.action),
            block.duration("sample", STANDARD.sample),
            block.duration("not_ready", STANDARD.notReady),
            block.duration("dump", STANDARD.dump),
            block.duration("end_one", STANDARD.endOne),
            block.duration("end_half", STANDARD.endHalf),
            block.duration("jitter", STANDARD.jitter));
    read.check(block);
    return read;
  }

  /// A stall is seen, told, written down and ended in this order: an end before the dump would
  /// leave nobody wiser.
  private void check(ConfigBlock block) {
    if (sample.compareTo(MIN_SAMPLE) < 0) {
      block.note("sample", "wants at least 400ms: a loop that is well beats every 250 ms");
    }
    order(block, "not_ready", notReady, "sample", sample);
    order(block, "dump", dump, "not_ready", notReady);
    order(block, "end_half", endHalf, "dump", dump);
    order(block, "end_one", endOne, "end_half", endHalf);
    if (endOne.compareTo(MAX_END) > 0) {
      block.note("end_one", "wants at most 10m: nobody waits longer for an answer");
    }
    if (jitter.compareTo(MAX_JITTER) > 0) {
      block.note("jitter", "wants at most 1m: a stall that goes on serves nobody");
    }
  }

  private static void order(
      ConfigBlock block, String later, Duration age, String earlier, Duration than) {
    if (age.compareTo(than) < 0) {
      block.note(later, "wants at least the time of `watchdog." + earlier + "`");
    }
  }
}
