package anycast.routing.feed;

/// Strangers' text as it may stand in a log line or a terminal.
public final class Legible {
  /// A line of a terminal, roughly twice.
  private static final int MAX_CHARS = 200;

  private Legible() {}

  /// Printable ASCII of bounded length; anything else becomes `?`, so that no row can forge a line.
  public static String text(String raw) {
    if (raw == null) {
      return "";
    }
    StringBuilder out = new StringBuilder(Math.min(raw.length(), MAX_CHARS) + 1);
    for (int i = 0; i < raw.length() && i < MAX_CHARS; i++) {
      char c = raw.charAt(i);
      out.append(c >= ' ' && c <= '~' ? c : '?');
    }
    return raw.length() > MAX_CHARS ? out.append("...").toString() : out.toString();
  }
}
