package anycast.demo;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Bytes that anyone can compute from their position, so that a body can be checked without being
/// stored.
///
/// A byte depends on its whole position: a lost, doubled or moved block changes the digest.
public final class Pattern {
  private Pattern() {}

  /// The byte at `position`; the multiplier is Knuth's (2^32 over the golden ratio), which spreads
  /// neighbours.
  public static byte at(long position) {
    return (byte) ((position * 2654435761L) >>> 13);
  }

  /// Fills `target` with the bytes from `position` on.
  public static void fill(byte[] target, int length, long position) {
    for (int i = 0; i < length; i++) {
      target[i] = at(position + i);
    }
  }

  /// The SHA-256 of the first `lengthBytes` bytes, in hex.
  public static String sha256(long lengthBytes) {
    MessageDigest digest = newSha256();
    byte[] block = new byte[64 * 1024];
    for (long position = 0; position < lengthBytes; position += block.length) {
      int length = (int) Math.min(block.length, lengthBytes - position);
      fill(block, length, position);
      digest.update(block, 0, length);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
