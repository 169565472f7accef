package anycast.backhaul.h2;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The static table of RFC 7541 Appendix A, searched by bytes.
///
/// Names are found through 256 slots with linear probing; entries of one name follow each other in
/// the table, so values are compared by walking on from the name's first index.
final class HpackStatic {
  /// Number of entries; dynamic ones are numbered from the next.
  static final int SIZE = 61;

  private static final String TABLE =
      """
      :authority
      :method GET
      :method POST
      :path /
      :path /index.html
      :scheme http
      :scheme https
      :status 200
      :status 204
      :status 206
      :status 304
      :status 400
      :status 404
      :status 500
      accept-charset
      accept-encoding gzip, deflate
      accept-language
      accept-ranges
      accept
      access-control-allow-origin
      age
      allow
      authorization
      cache-control
      content-disposition
      content-encoding
      content-language
      content-length
      content-location
      content-range
      content-type
      cookie
      date
      etag
      expect
      expires
      from
      host
      if-match
      if-modified-since
      if-none-match
      if-range
      if-unmodified-since
      last-modified
      link
      location
      max-forwards
      proxy-authenticate
      proxy-authorization
      range
      referer
      refresh
      retry-after
      server
      set-cookie
      strict-transport-security
      transfer-encoding
      user-agent
      vary
      via
      www-authenticate
      """;

  private static final byte[][] NAMES = new byte[SIZE + 1][];
  private static final byte[][] VALUES = new byte[SIZE + 1][];
  private static final byte[] SLOTS = new byte[256];

  static {
    String[] lines = TABLE.split("\n");
    for (int i = 1; i <= SIZE; i++) {
      String line = lines[i - 1];
      int blank = line.indexOf(' ');
      String name = blank < 0 ? line : line.substring(0, blank);
      String value = blank < 0 ? "" : line.substring(blank + 1);
      NAMES[i] = name.getBytes(StandardCharsets.ISO_8859_1);
      VALUES[i] = value.getBytes(StandardCharsets.ISO_8859_1);
      if (i == 1 || !Arrays.equals(NAMES[i], NAMES[i - 1])) {
        int slot = slot(NAMES[i], 0, NAMES[i].length);
        while (SLOTS[slot] != 0) {
          slot = slot + 1 & 255;
        }
        SLOTS[slot] = (byte) i;
      }
    }
  }

  private HpackStatic() {}

  /// First index with this name, or 0.
  static int nameIndex(byte[] array, int start, int length) {
    if (length == 0) {
      return 0;
    }
    for (int slot = slot(array, start, length); SLOTS[slot] != 0; slot = slot + 1 & 255) {
      byte[] name = NAMES[SLOTS[slot]];
      if (name.length == length && Arrays.equals(name, 0, length, array, start, start + length)) {
        return SLOTS[slot];
      }
    }
    return 0;
  }

  /// Index with this value at or after a name's first index, or 0.
  static int pairIndex(int nameIndex, byte[] array, int start, int length) {
    byte[] name = NAMES[nameIndex];
    for (int i = nameIndex; i <= SIZE && Arrays.equals(NAMES[i], name); i++) {
      byte[] value = VALUES[i];
      // An empty value of the table stands for "no value"; sent as it is all the same.
      if (value.length == length && Arrays.equals(value, 0, length, array, start, start + length)) {
        return i;
      }
    }
    return 0;
  }

  private static int slot(byte[] array, int start, int length) {
    int hash = length * 31 + array[start + length / 2] * 7 + array[start + length - 1] * 131;
    return hash + array[start] * 17 & 255;
  }
}
