package anycast.routing.feed;

/// Lengths of time as people write them: a whole number and its unit, `250ms`, `10s`, `5m`.
///
/// **Threading.** Pure.
public final class Lengths {
  private static final String[] UNITS = {"h", "m", "s", "ms", "us", "ns"};
  private static final long[] NANOS = {
    3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L, 1L
  };

  /// As many digits as any length in a `long` of nanoseconds has.
  private static final int MAX_DIGITS = 18;

  private Lengths() {}

  /// @return nanoseconds; -1 where it is no length or one beyond 64 bits
  public static long nanos(String text) {
    int digits = 0;
    long value = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      value = digits < MAX_DIGITS ? value * 10 + (text.charAt(digits) - '0') : 0;
      digits++;
    }
    if (digits == 0 || digits > MAX_DIGITS) {
      return -1;
    }
    String unit = text.substring(digits);
    if (unit.isEmpty()) {
      return value == 0 ? 0 : -1;
    }
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(unit)) {
        return value > Long.MAX_VALUE / NANOS[i] ? -1 : value * NANOS[i];
      }
    }
    return -1;
  }

  /// In the largest unit that says it exactly; [#nanos] reads it back.
  ///
  /// @param nanos 0 or more
  public static String text(long nanos) {
    for (int i = 0; i < UNITS.length; i++) {
      if (nanos != 0 && nanos % NANOS[i] == 0) {
        return nanos / NANOS[i] + UNITS[i];
      }
    }
    return "0s";
  }
}
