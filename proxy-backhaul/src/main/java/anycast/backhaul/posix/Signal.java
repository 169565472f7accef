package anycast.backhaul.posix;

import java.util.Arrays;

/// The signals that this product sends, or tells of. Their numbers are those of Linux on x86-64 and
/// aarch64 (signal(7)).
public enum Signal {
  HUP(1),
  INT(2),
  /// A JVM prints the stacks of its threads and lives on.
  QUIT(3),
  ILL(4),
  TRAP(5),
  ABRT(6),
  BUS(7),
  FPE(8),
  /// Cannot be caught.
  KILL(9),
  USR1(10),
  SEGV(11),
  USR2(12),
  PIPE(13),
  ALRM(14),
  /// Asks for an orderly end.
  TERM(15),
  CONT(18),
  /// Cannot be caught; [#CONT] goes on.
  STOP(19);

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /// As people write it, `SIGKILL`; `signal 34` for one that is not listed.
  public static String name(int number) {
    return Arrays.stream(values())
        .filter(signal -> signal.number == number)
        .map(signal -> "SIG" + signal.name())
        .findFirst()
        .orElse("signal " + number);
  }
}
