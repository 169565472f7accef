package anycast.backhaul.watchdog;

import anycast.routing.admission.LastEnd;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/// What a flight file says about how its process ended.
///
/// Blamed is what was being evaluated, most where the watchdog had found the thread stuck, less
/// where it had worked on that for [#LONG] already when the watchdog last looked: so an end by lack
/// of memory within an entry says something, and a `kill -9` that hits a request in the middle of
/// its microsecond next to nothing.
final class Ending {
  /// One look of the watchdog, which has to fall into it; ten thousand times what a lookup takes.
  static final Duration LONG = Duration.ofMillis(50);

  private static final Comparator<FlightFile.Slot> MOST_SUSPICIOUS =
      Comparator.comparing(FlightFile.Slot::stuck)
          .reversed()
          .thenComparingLong(FlightFile.Slot::sinceNanos);

  /// Where a thread's stack can be read of.
  @FunctionalInterface
  interface Stacks {
    /// @return empty where there is none
    String of(FlightFile.Head head, String thread);
  }

  private Ending() {}

  /// @param boot id of the machine's boot now
  static LastEnd of(FlightFile file, String boot, Stacks stacks) {
    FlightFile.Head head = file.head();
    boolean stuck = file.slots().stream().anyMatch(FlightFile.Slot::stuck);
    if (head.endedMillis() != 0 || head.stoppingMillis() != 0 && !stuck) {
      return new LastEnd(LastEnd.Kind.ORDERLY, List.of());
    }
    if (!head.boot().equals(boot)) {
      // What the file says may be seconds older than the machine's end: it accuses nobody.
      return new LastEnd(LastEnd.Kind.MACHINE, List.of());
    }
    return new LastEnd(
        LastEnd.Kind.ABNORMAL,
        file.slots().stream()
            .filter(Ending::evaluated)
            .sorted(MOST_SUSPICIOUS)
            .map(slot -> blamed(head, slot, stacks))
            .toList());
  }

  private static boolean evaluated(FlightFile.Slot slot) {
    return switch (slot.stage()) {
      case VALIDATE, COMPILE, REHEARSE -> !slot.entry().isNone();
      case ROUTE, RULE -> true;
      case IDLE, PUBLISH, PICK, RELAY -> false;
    };
  }

  private static LastEnd.Blamed blamed(FlightFile.Head head, FlightFile.Slot slot, Stacks stacks) {
    LastEnd.Evidence unmarked = isLong(head, slot) ? LastEnd.Evidence.LONG : LastEnd.Evidence.NEAR;
    String stack = stacks.of(head, slot.thread());
    return new LastEnd.Blamed(
        slot.entry(),
        slot.key(),
        slot.stage(),
        slot.thread(),
        stack.isBlank() ? told(slot) : stack,
        slot.stuck() ? LastEnd.Evidence.STUCK : unmarked);
  }

  /// In a process that is short of memory each request takes long: the entry that it followed is
  /// tried alone, and not found guilty for one end. What is compiled is: it may be what took the
  /// memory, and each start would end of it.
  private static boolean isLong(FlightFile.Head head, FlightFile.Slot slot) {
    boolean excused =
        switch (slot.stage()) {
          case ROUTE, RULE -> head.collecting();
          case IDLE, VALIDATE, COMPILE, REHEARSE, PUBLISH, PICK, RELAY -> false;
        };
    return !excused && head.tickNanos() - slot.sinceNanos() >= LONG.toNanos();
  }

  /// A thread that never came to a safepoint, or a JVM that ended at once, leaves no stack.
  private static String told(FlightFile.Slot slot) {
    return "no stack could be taken; the flight recorder says:\n  thread %s, stage %s, %s, %s, %s"
        .formatted(
            slot.thread(),
            slot.stage(),
            "rule " + (slot.rule().isEmpty() ? "none" : slot.rule()),
            "host " + (slot.key().isEmpty() ? "none" : slot.key()),
            "exchange " + (slot.exchange().isEmpty() ? "none" : slot.exchange()));
  }
}
