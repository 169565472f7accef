package anycast.routing.feed;

import java.util.Base64;
import java.util.Locale;

/// Whether a text can be PEM (RFC 7468), so that what is plainly none does not take a good
/// certificate's place. What the bytes mean is up to whoever loads them: that takes fifty times as
/// long.
///
/// **Threading.** Any thread.
final class Pem {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /// The tag of a DER SEQUENCE, which certificates and keys of every kind are.
  private static final int SEQUENCE = 0x30;

  private Pem() {}

  /// @param label how what is wanted is labelled, at least at its end
  /// @return why it is none; empty = it can be one. Says nothing of the text: it may be a secret.
  static String fault(String text, String label) {
    boolean found = false;
    int from = text.indexOf(BEGIN);
    while (from >= 0) {
      int named = text.indexOf(DASHES, from + BEGIN.length());
      if (named < 0) {
        return "has a block without a label";
      }
      String name = text.substring(from + BEGIN.length(), named);
      int body = named + DASHES.length();
      int end = text.indexOf(END + name + DASHES, body);
      if (end < 0) {
        return "has a block without its end";
      }
      if (name.endsWith(label)) {
        found = true;
        if (!isSequence(text.substring(body, end))) {
          return "has a block that is no " + label.toLowerCase(Locale.ROOT);
        }
      }
      from = text.indexOf(BEGIN, end);
    }
    return found ? "" : "has no PEM block of a " + label.toLowerCase(Locale.ROOT);
  }

  /// Base64 of one DER SEQUENCE that is as long as it says.
  private static boolean isSequence(String base64) {
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (der.length < 2 || (der[0] & 0xff) != SEQUENCE) {
      return false;
    }
    int first = der[1] & 0xff;
    if (first < 0x80) {
      return der.length == 2 + first;
    }
    int bytes = first & 0x7f;
    if (bytes < 1 || bytes > 3 || der.length < 2 + bytes) {
      return false;
    }
    int length = 0;
    for (int i = 0; i < bytes; i++) {
      length = length << 8 | der[2 + i] & 0xff;
    }
    return der.length == 2 + bytes + length;
  }
}
