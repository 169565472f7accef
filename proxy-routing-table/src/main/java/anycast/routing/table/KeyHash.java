package anycast.routing.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/// SipHash-1-3 under a key that each process draws for itself, folded to 32 bits.
///
/// Tenants choose the names that end up in the tables, so a plain polynomial hash would let one of
/// them pile thousands of names onto one probe chain. Without the key nobody can compute
/// collisions. (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; one compression and
/// three finalisation rounds are the usual choice for hash tables.)
///
/// **Threading.** Pure.
public final class KeyHash {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long KEY_0;
  private static final long KEY_1;

  static {
    SecureRandom random = new SecureRandom();
    KEY_0 = random.nextLong();
    KEY_1 = random.nextLong();
  }

  private KeyHash() {}

  /// The hash of `length` bytes from `start`.
  static int of(byte[] key, int start, int length) {
    long v0 = KEY_0 ^ 0x736f6d6570736575L;
    long v1 = KEY_1 ^ 0x646f72616e646f6dL;
    long v2 = KEY_0 ^ 0x6c7967656e657261L;
    long v3 = KEY_1 ^ 0x7465646279746573L;
    int words = length >>> 3;
    // words full words, one padded with the length, three empty ones to finish: one round each.
    for (int step = 0; step <= words + 3; step++) {
      long word = 0;
      if (step < words) {
        word = (long) LONGS.get(key, start + (step << 3));
      } else if (step == words) {
        word = tail(key, start + (words << 3), start + length) | (long) length << 56;
      } else if (step == words + 1) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= word;
    }
    return fold(v0 ^ v1 ^ v2 ^ v3);
  }

  /// The hash of the text from `start` on: equal to that of its bytes.
  public static int of(String key, int start) {
    long v0 = KEY_0 ^ 0x736f6d6570736575L;
    long v1 = KEY_1 ^ 0x646f72616e646f6dL;
    long v2 = KEY_0 ^ 0x6c7967656e657261L;
    long v3 = KEY_1 ^ 0x7465646279746573L;
    int length = key.length() - start;
    int words = length >>> 3;
    int seen = 0;
    for (int step = 0; step <= words + 3; step++) {
      long word = 0;
      if (step <= words) {
        int from = start + (step << 3);
        int to = Math.min(from + 8, key.length());
        for (int i = to - 1; i >= from; i--) {
          char c = key.charAt(i);
          seen |= c;
          word = word << 8 | c & 0xff;
        }
        word |= step == words ? (long) length << 56 : 0;
      } else if (step == words + 1) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= word;
    }
    if (seen > 0x7f) {
      // Characters cut to eight bits would collide by choice. No valid name comes here.
      byte[] utf8 = key.substring(start).getBytes(StandardCharsets.UTF_8);
      return of(utf8, 0, utf8.length);
    }
    return fold(v0 ^ v1 ^ v2 ^ v3);
  }

  private static long tail(byte[] key, int from, int to) {
    long word = 0;
    for (int i = to - 1; i >= from; i--) {
      word = word << 8 | key[i] & 0xff;
    }
    return word;
  }

  private static int fold(long hash) {
    return (int) (hash ^ hash >>> 32);
  }
}
