package anycast.ctl;

import java.time.Duration;

/// Lengths of time as people write and read them.
final class Durations {
  private Durations() {}

  /// `500ms`, `2s`, `1m`, `1h`, or a number of seconds.
  ///
  /// **Faults.** `IllegalArgumentException` with a sentence.
  static Duration parse(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    if (digits > 0 && digits < 10) {
      long count = Long.parseLong(text.substring(0, digits));
      Duration parsed =
          switch (text.substring(digits)) {
            case "ms" -> Duration.ofMillis(count);
            case "", "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ZERO;
          };
      if (!parsed.isZero()) {
        return parsed;
      }
    }
    throw new IllegalArgumentException("wants a duration like 500ms, 2s, 1m or 1h, above 0");
  }

  /// Two units at most: `250ms`, `1.5s`, `3m12s`, `2h5m`, `4d3h`.
  static String show(Duration length) {
    long millis = length.toMillis();
    long seconds = millis / 1000;
    if (millis < 1000) {
      return millis + "ms";
    }
    if (seconds < 10 && millis % 1000 >= 100) {
      return seconds + "." + millis % 1000 / 100 + "s";
    }
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m" + seconds % 60 + "s";
    }
    if (seconds < 86_400) {
      return seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
    }
    return seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
  }
}
