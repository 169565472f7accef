package anycast.routing.admission;

import anycast.routing.model.Entity;
import java.util.HexFormat;

/// Names what a row says, whoever says it and when: kind, key and content, not the generation. So a
/// row that is written again, unchanged, is the same one, and a new version of it is another.
///
/// 128 bits of SHA-256: nobody finds a second row with the hash of a given one.
public record ContentHash(long high, long low) {
  /// Nothing.
  public static final ContentHash NONE = new ContentHash(0, 0);

  private static final int HEX_DIGITS = 32;

  /// What an entity says: its kind, its key and its content without the generation.
  public static ContentHash of(Entity entity) {
    return Digest.of(entity);
  }

  /// From [#toString].
  ///
  /// @throws IllegalArgumentException in a sentence
  public static ContentHash parse(String hex) {
    if (hex.length() != HEX_DIGITS) {
      throw new IllegalArgumentException("wants " + HEX_DIGITS + " hexadecimal digits");
    }
    return new ContentHash(
        HexFormat.fromHexDigitsToLong(hex, 0, 16), HexFormat.fromHexDigitsToLong(hex, 16, 32));
  }

  public boolean isNone() {
    return high == 0 && low == 0;
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
