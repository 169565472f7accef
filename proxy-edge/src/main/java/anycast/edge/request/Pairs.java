package anycast.edge.request;

import anycast.backhaul.head.Fields;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Names with values out of one text: a query's parameters, or a request's cookies.
///
/// Only where they begin and end is kept; a value becomes an object when it is asked for.
///
/// **Threading.** One request's. **Ownership.** Points into the request's bytes: valid until its
/// head is edited. **Limits.** The reader of the head bounds the text; [#MAX] pairs are looked at.
final class Pairs {
  /// Five times what browsers keep of one site's cookies (RFC 6265 §6.1); forms in a query are
  /// shorter. What stands behind them counts as not there, for rules as for affinity.
  static final int MAX = 256;

  private static final AsciiString COOKIE = AsciiString.cached("cookie");
  private static final int INTS = 4;

  private final byte[] bytes;
  private final boolean encoded;
  private int[] spans = new int[8 * INTS];
  private int count;

  private Pairs(byte[] bytes, boolean encoded) {
    this.bytes = bytes;
    this.encoded = encoded;
  }

  /// The parameters of a query as forms write them: `a=1&b=2`, `%` and `+` for what is not plain.
  static Pairs ofQuery(byte[] bytes, int start, int end) {
    Pairs pairs = new Pairs(bytes, true);
    int at = start;
    while (at < end) {
      int stop = indexOf(bytes, (byte) '&', at, end);
      if (stop > at) {
        pairs.add(at, stop, true);
      }
      at = stop + 1;
    }
    return pairs;
  }

  /// The cookies of all `cookie` fields in order: HTTP/2 clients split them (RFC 9113 §8.2.3).
  static Pairs ofCookies(Fields fields) {
    Pairs pairs = new Pairs(fields.array(), false);
    for (int i = fields.find(COOKIE); i >= 0; i = fields.find(COOKIE, i + 1)) {
      int at = fields.valueStart(i);
      int end = at + fields.valueLength(i);
      while (at < end) {
        int stop = indexOf(pairs.bytes, (byte) ';', at, end);
        pairs.addTrimmed(at, stop);
        at = stop + 1;
      }
    }
    return pairs;
  }

  /// Whether a cookie has this name, without an object.
  static boolean hasCookie(Fields fields, AsciiString name) {
    byte[] bytes = fields.array();
    for (int i = fields.find(COOKIE); i >= 0; i = fields.find(COOKIE, i + 1)) {
      int at = fields.valueStart(i);
      int end = at + fields.valueLength(i);
      while (at < end) {
        int from = skipBlanks(bytes, at, end);
        if (named(bytes, from, end, name)) {
          return true;
        }
        at = indexOf(bytes, (byte) ';', from, end) + 1;
      }
    }
    return false;
  }

  private static boolean named(byte[] bytes, int at, int end, AsciiString name) {
    int stop = at + name.length();
    int other = name.arrayOffset();
    return stop < end
        && bytes[stop] == '='
        && Arrays.equals(bytes, at, stop, name.array(), other, other + name.length());
  }

  /// The value at `index` among those of the name, or null.
  CharSequence value(String name, int index) {
    int skip = index;
    for (int i = 0; i < count; i++) {
      if (nameIs(i, name) && skip-- == 0) {
        int start = spans[i * INTS + 2];
        int end = spans[i * INTS + 3];
        return encoded && escaped(start, end)
            ? decoded(start, end)
            : new AsciiString(bytes, start, end - start, false);
      }
    }
    return null;
  }

  private boolean nameIs(int i, String name) {
    int start = spans[i * INTS];
    int end = spans[i * INTS + 1];
    return encoded && escaped(start, end)
        ? decoded(start, end).equals(name)
        : same(bytes, start, end, name);
  }

  /// Whether these bytes are this text, one byte a character.
  static boolean same(byte[] bytes, int start, int end, String text) {
    if (end - start != text.length()) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if ((bytes[i] & 0xff) != text.charAt(i - start)) {
        return false;
      }
    }
    return true;
  }

  private void addTrimmed(int start, int stop) {
    int from = skipBlanks(bytes, start, stop);
    int to = stop;
    while (to > from && (bytes[to - 1] == ' ' || bytes[to - 1] == '\t')) {
      to--;
    }
    if (to > from) {
      add(from, to, false);
    }
  }

  /// @param bare whether a name without `=` counts, with an empty value
  private void add(int start, int stop, boolean bare) {
    int equals = indexOf(bytes, (byte) '=', start, stop);
    if (count == MAX || equals == stop && !bare) {
      return;
    }
    if ((count + 1) * INTS > spans.length) {
      spans = Arrays.copyOf(spans, spans.length * 2);
    }
    int at = count++ * INTS;
    spans[at] = start;
    spans[at + 1] = equals;
    spans[at + 2] = Math.min(equals + 1, stop);
    spans[at + 3] = stop;
  }

  private boolean escaped(int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == '%' || bytes[i] == '+' || bytes[i] < 0) {
        return true;
      }
    }
    return false;
  }

  /// As forms decode: bytes of UTF-8; what is not, becomes U+FFFD.
  private String decoded(int start, int end) {
    byte[] plain = new byte[end - start];
    int length = 0;
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      if (b == '%' && end - i > 2) {
        int high = Character.digit(bytes[i + 1], 16);
        int low = Character.digit(bytes[i + 2], 16);
        if (high >= 0 && low >= 0) {
          b = (byte) (high << 4 | low);
          i += 2;
        }
      } else if (b == '+') {
        b = ' ';
      }
      plain[length++] = b;
    }
    return new String(plain, 0, length, StandardCharsets.UTF_8);
  }

  private static int skipBlanks(byte[] bytes, int at, int end) {
    int i = at;
    while (i < end && (bytes[i] == ' ' || bytes[i] == '\t')) {
      i++;
    }
    return i;
  }

  static int indexOf(byte[] bytes, byte wanted, int start, int end) {
    int i = start;
    while (i < end && bytes[i] != wanted) {
      i++;
    }
    return i;
  }
}
