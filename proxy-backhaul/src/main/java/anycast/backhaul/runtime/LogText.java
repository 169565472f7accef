package anycast.backhaul.runtime;

/// Makes any text safe for one log line: a peer cannot begin a line of its own, close a quote that
/// we opened, or send the terminal a command.
public final class LogText {
  /// Longest piece in a log line: a whole URL of common length, and 40 of them in 10 KiB.
  public static final int MAX_CHARS = 256;

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private LogText() {}

  /// `text` in printable ASCII: `\` and `"` get a backslash, everything else outside 0x20 to 0x7e
  /// becomes hexadecimal: `\xhh`, or four digits after a `u`; cut at [#MAX_CHARS] with a trailing
  /// `...`; null becomes `-`.
  public static String escape(CharSequence text) {
    return escape(text, MAX_CHARS);
  }

  /// @param maxChars characters of `text` that are looked at; the result is at most 6 times as long
  public static String escape(CharSequence text, int maxChars) {
    if (text == null) {
      return "-";
    }
    int length = Math.min(text.length(), maxChars);
    int plain = 0;
    while (plain < length && isPlain(text.charAt(plain))) {
      plain++;
    }
    if (plain == text.length()) {
      return text.toString();
    }
    StringBuilder out = new StringBuilder(length + 16).append(text, 0, plain);
    for (int i = plain; i < length; i++) {
      append(out, text.charAt(i));
    }
    if (length < text.length()) {
      out.append("...");
    }
    return out.toString();
  }

  private static boolean isPlain(char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  }

  private static void append(StringBuilder out, char c) {
    if (isPlain(c)) {
      out.append(c);
    } else if (c == '"' || c == '\\') {
      out.append('\\').append(c);
    } else if (c < 0x100) {
      out.append("\\x").append(HEX[c >> 4]).append(HEX[c & 15]);
    } else {
      out.append("\\u");
      for (int shift = 12; shift >= 0; shift -= 4) {
        out.append(HEX[c >> shift & 15]);
      }
    }
  }
}
