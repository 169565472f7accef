package anycast.routing.admission;

import java.util.List;

/// How the process before this one ended, as far as it can be known.
///
/// @param kind what the files tell
/// @param blamed what its stuck threads were working on, most suspicious first; empty where nobody
///   knows
public record LastEnd(Kind kind, List<Blamed> blamed) {
  /// Nothing is known of a process before.
  public static final LastEnd NONE = new LastEnd(Kind.NONE, List.of());

  public LastEnd {
    blamed = List.copyOf(blamed);
  }

  /// What became of it.
  public enum Kind {
    /// There was none.
    NONE,
    /// It stopped in order: nothing scores.
    ORDERLY,
    /// It ended by a signal, a fault of its own, or the watchdog.
    ABNORMAL,
    /// The machine restarted meanwhile: perhaps it was not the process's fault.
    MACHINE
  }

  /// What one thread was working on.
  ///
  /// @param entry the entry that it evaluated; [ContentHash#NONE] where only the host is known
  /// @param host of the request; empty where there was none
  /// @param thread its name
  /// @param stack what a sample or dump showed; empty where there is none
  /// @param evidence how much that says
  public record Blamed(
      ContentHash entry,
      String host,
      Stage stage,
      String thread,
      String stack,
      Evidence evidence) {}

  /// What speaks against what a thread was working on. The order is that of the weight.
  public enum Evidence {
    /// It was being worked on, as anything is at some moment.
    NEAR,
    /// It was being worked on for many times longer than it takes. A machine without CPU looks the
    /// same, so it says nothing against what has served for long.
    LONG,
    /// The watchdog had found the thread stuck in it.
    STUCK
  }
}
