package anycast.edge.request;

import anycast.routing.model.RegionCode;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Makes request ids: a ULID, `-`, the region, such as `01JD3M5W3V9TQ4Z8R6K2N7XBCA-fra`.
///
/// 48 bits of milliseconds, so that ids sort by time, and 80 random bits. The bits only have to
/// differ, nobody may take them for a secret: a fast generator makes them.
///
/// **Threading.** One event loop each, because of the generator.
public final class RequestIds {
  private static final byte[] CROCKFORD =
      "0123456789ABCDEFGHJKMNPQRSTVWXYZ".getBytes(StandardCharsets.ISO_8859_1);
  private static final int TIME_CHARS = 10;
  private static final int ULID_CHARS = 26;

  private final InstantSource clock;
  private final RandomGenerator random;
  private final byte[] template;

  public RequestIds(RegionCode region, InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
    byte[] suffix = region.code().getBytes(StandardCharsets.ISO_8859_1);
    template = new byte[ULID_CHARS + 1 + suffix.length];
    template[ULID_CHARS] = '-';
    System.arraycopy(suffix, 0, template, ULID_CHARS + 1, suffix.length);
  }

  /// A new id.
  public String next() {
    long time = clock.millis();
    for (int i = TIME_CHARS - 1; i >= 0; i--) {
      template[i] = CROCKFORD[(int) (time & 31)];
      time >>>= 5;
    }
    fill(TIME_CHARS, random.nextLong());
    fill(TIME_CHARS + 8, random.nextLong());
    return new String(template, StandardCharsets.ISO_8859_1);
  }

  private void fill(int at, long bits) {
    for (int i = at; i < at + 8; i++) {
      template[i] = CROCKFORD[(int) (bits & 31)];
      bits >>>= 5;
    }
  }
}
