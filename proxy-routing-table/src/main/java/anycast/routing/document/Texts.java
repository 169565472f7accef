package anycast.routing.document;

import anycast.routing.model.rule.HeaderEdits;
import java.util.Locale;

/// Texts with a form of their own: hosts, header fields, durations, shares.
final class Texts {
  static final int MAX_PORT = 65_535;

  /// In which shares of requests are counted.
  static final int MILLION = 1_000_000;

  private static final long MILLI = 1_000_000L;

  /// RFC 1035 §2.3.4.
  private static final int MAX_HOST = 253;

  private static final int MAX_LABEL = 63;

  private Texts() {}

  /// @return empty where it is none
  static String ruleName(Value value) {
    String name = value.text("a name");
    boolean plain =
        name.chars()
            .allMatch(
                c -> c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.'));
    if (name.length() > MAX_LABEL || !plain || value.isEmptyText()) {
      value.problem("wants 1 to 63 letters, digits, '-', '_' or '.'");
      return "";
    }
    return name;
  }

  /// @param wildcard whether `*.` may lead
  static String host(Value value, boolean wildcard) {
    String host = value.text("a host such as shop.example.com");
    if (host.isEmpty() && !value.isEmptyText()) {
      return host;
    }
    String lower = host.toLowerCase(Locale.ROOT);
    String name = wildcard && lower.startsWith("*.") ? lower.substring(2) : lower;
    if (!isDnsName(name)) {
      value.problem(
          "wants a host such as shop.example.com"
              + (wildcard ? " or *.example.com" : "")
              + ", without scheme, port or path, not "
              + value.kind());
    } else if (!lower.equals(host)) {
      value.problem("hosts are lower case; write " + Value.shown(lower));
    }
    return host;
  }

  private static boolean isDnsName(String name) {
    if (name.isEmpty() || name.length() > MAX_HOST) {
      return false;
    }
    for (String label : name.split("\\.", -1)) {
      boolean edges = !label.startsWith("-") && !label.endsWith("-");
      boolean plain =
          label
              .chars()
              .allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_');
      if (label.isEmpty() || label.length() > MAX_LABEL || !edges || !plain) {
        return false;
      }
    }
    return true;
  }

  /// A header's name in lower case; empty where it is none.
  static String headerName(Value.Named entry) {
    if (entry.name().length() <= 256 && isToken(entry.name())) {
      return entry.name().toLowerCase(Locale.ROOT);
    }
    entry.problem("is not a header's name");
    return "";
  }

  /// Why rules may not edit the header.
  ///
  /// @return empty where they may
  static String notEdited(String name) {
    if (HeaderEdits.editable(name)) {
      return "";
    }
    return name.equals("host")
        ? "is changed by `rewrite: { host: ... }`"
        : "is written by proxies only";
  }

  /// Notes what RFC 9110 §5.5 does not allow in a field's value; beyond ASCII readers differ.
  static void checkFieldValue(Value value, String text) {
    boolean spaced = !text.equals(text.strip());
    if (spaced || text.chars().anyMatch(c -> c != '\t' && (c < 0x20 || c > 0x7e))) {
      value.problem(
          "wants printable ASCII on one line, without space at its ends, as a header's value");
    }
  }

  /// RFC 9110 §5.6.2.
  static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(c ->
                c < 128 && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0));
  }

  /// `500ms`, `5s`, `2m`.
  ///
  /// @param mostSeconds the longest; the shortest is a millisecond
  /// @return nanoseconds
  static long duration(Value value, int mostSeconds) {
    String text = value.text("a duration such as 500ms, 5s or 2m");
    long unit = 0;
    int digits = 0;
    if (text.endsWith("ms")) {
      unit = MILLI;
      digits = text.length() - 2;
    } else if (text.endsWith("s")) {
      unit = 1_000 * MILLI;
      digits = text.length() - 1;
    } else if (text.endsWith("m")) {
      unit = 60_000 * MILLI;
      digits = text.length() - 1;
    }
    long number = whole(text, digits, 9);
    if (unit == 0 || number < 0) {
      if (!text.isEmpty() || value.isEmptyText()) {
        value.problem("wants a duration such as 500ms, 5s or 2m, not " + value.kind());
      }
      return MILLI;
    }
    long nanos = number * unit;
    if (nanos < MILLI || nanos > mostSeconds * 1_000 * MILLI) {
      value.problem("wants 1ms to " + mostSeconds + "s, not " + value.kind());
      return MILLI;
    }
    return nanos;
  }

  /// `10%`, `0.5%`: at most four decimals.
  ///
  /// @return millionths
  static int share(Value value) {
    String text = value.text("a share such as 10%");
    int end = text.length() - 1;
    int point = text.indexOf('.');
    long whole = whole(text, point < 0 ? end : point, 3);
    long part = 0;
    if (point >= 0) {
      String decimals = text.substring(point + 1, Math.max(point + 1, end));
      part = decimals.length() > 4 ? -1 : whole((decimals + "0000").substring(0, 4), 4, 4);
      part = decimals.isEmpty() ? -1 : part;
    }
    long share = whole * (MILLION / 100) + part;
    if (!text.endsWith("%") || whole < 0 || part < 0 || share > MILLION) {
      if (!text.isEmpty() || value.isEmptyText()) {
        value.problem("wants a share from 0% to 100%, such as 10% or 0.5%, not " + value.kind());
      }
      return 0;
    }
    return (int) share;
  }

  /// The first `length` characters, all digits, as a number.
  ///
  /// @return -1 where they are not 1 to `most` digits
  private static long whole(String text, int length, int most) {
    if (length < 1 || length > most) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }
}
