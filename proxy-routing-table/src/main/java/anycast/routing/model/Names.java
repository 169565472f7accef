package anycast.routing.model;

/// What an identifier may look like: it ends up in headers, log lines and file names.
final class Names {
  /// Longest identifier: a DNS name has at most 253 octets (RFC 1035 §2.3.4).
  static final int MAX_CHARS = 253;

  private Names() {}

  static void checked(String what, String text) {
    if (text == null || text.isEmpty() || text.length() > MAX_CHARS) {
      throw new IllegalArgumentException(what + " wants 1 to " + MAX_CHARS + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!plain && c != '-' && c != '_' && c != '.') {
        throw new IllegalArgumentException(
            what + " has a character that is not a letter, digit, '-', '_' or '.': position " + i);
      }
    }
  }
}
