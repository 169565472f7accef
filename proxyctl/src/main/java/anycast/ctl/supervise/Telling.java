package anycast.ctl.supervise;

import java.util.Optional;
import java.util.OptionalLong;

/// What a service says of itself in one datagram: sd_notify(3). Keys that are not listed here are
/// passed over, `MAINPID` among them: a service that could name another process as its own could
/// have that one killed.
///
/// @param ready `READY=1`
/// @param stopping `STOPPING=1`
/// @param beat `WATCHDOG=1`
/// @param trigger `WATCHDOG=trigger`: it wants to be treated as if it had missed a beat
/// @param watchdogNanos `WATCHDOG_USEC=`, a new longest silence
/// @param extendNanos `EXTEND_TIMEOUT_USEC=`, the time until it tells again
/// @param status `STATUS=`, at most [#MAX_STATUS] characters of it
record Telling(
    boolean ready,
    boolean stopping,
    boolean beat,
    boolean trigger,
    OptionalLong watchdogNanos,
    OptionalLong extendNanos,
    Optional<String> status) {
  /// A line of a terminal, with room.
  static final int MAX_STATUS = 200;

  /// An hour: who wants longer without a sign of life wants not to be watched.
  static final long MAX_MICROS = 3_600_000_000L;

  static Telling parse(String lines) {
    boolean ready = false;
    boolean stopping = false;
    boolean beat = false;
    boolean trigger = false;
    OptionalLong watchdog = OptionalLong.empty();
    OptionalLong extend = OptionalLong.empty();
    Optional<String> status = Optional.empty();
    for (String line : lines.split("\n")) {
      int equals = line.indexOf('=');
      String value = line.substring(equals + 1);
      switch (equals < 0 ? "" : line.substring(0, equals)) {
        case "READY" -> ready |= value.equals("1");
        case "STOPPING" -> stopping |= value.equals("1");
        case "WATCHDOG" -> {
          beat |= value.equals("1");
          trigger |= value.equals("trigger");
        }
        case "WATCHDOG_USEC" -> watchdog = nanos(value);
        case "EXTEND_TIMEOUT_USEC" -> extend = nanos(value);
        case "STATUS" -> status = Optional.of(cut(value));
        default -> {
          // Of another time or another supervisor.
        }
      }
    }
    return new Telling(ready, stopping, beat, trigger, watchdog, extend, status);
  }

  private static String cut(String text) {
    if (text.length() <= MAX_STATUS) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(MAX_STATUS - 1)) ? MAX_STATUS - 1 : MAX_STATUS;
    return text.substring(0, end);
  }

  /// Empty where it is no number, or nothing.
  private static OptionalLong nanos(String micros) {
    try {
      long length = Long.parseUnsignedLong(micros);
      return length == 0
          ? OptionalLong.empty()
          : OptionalLong.of(1000 * (length < 0 ? MAX_MICROS : Math.min(length, MAX_MICROS)));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
