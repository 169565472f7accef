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
    return new VitalsConfig(
        Optional.ofNullable(block.path("directory", null)),
        block.choice("action", Action.class, Action.KILL),
        block.duration("sample", Duration.ofMillis(500)),
        block.duration("not_ready", Duration.ofSeconds(2)),
        block.duration("dump", Duration.ofSeconds(3)),
        block.duration("end_one", Duration.ofSeconds(5)),
        block.duration("end_half", Duration.ofSeconds(3)),
        block.duration("jitter", Duration.ofSeconds(1)));
  }
}
