package anycast.ctl;

/// Text that came from elsewhere, made safe for a terminal: it moves no cursor, paints nothing, and
/// does not turn the reading direction.
final class Printable {
  private Printable() {}

  /// Control, format and unpaired characters as `\\u{hex}`; all else as it is.
  static String of(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      boolean plain = isPlain(c);
      if (!plain && out == null) {
        out = new StringBuilder(text.length() + 16).append(text, 0, i);
      }
      if (out != null && plain) {
        out.appendCodePoint(c);
      } else if (out != null) {
        out.append("\\u{").append(Integer.toHexString(c)).append('}');
      }
      i += Character.charCount(c);
    }
    return out == null ? text : out.toString();
  }

  /// Like [#of] with line ends left in: for text that has lines by right.
  static String lines(String text) {
    return String.join("\n", text.lines().map(Printable::of).toList());
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
