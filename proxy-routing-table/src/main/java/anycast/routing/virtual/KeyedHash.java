package anycast.routing.virtual;

import java.security.SecureRandom;

/// Hashes for small tables of texts that tenants choose, under a key that each process draws: a
/// multiplication and a shift for each character.
///
/// The shift after each multiplication makes equal hashes depend on the key, so that nobody can
/// write rules that all lie in one place of a table. Bytes and characters of ASCII hash alike.
///
/// **Threading.** Pure.
final class KeyedHash {
  private static final long SEED = new SecureRandom().nextLong();
  private static final long FACTOR = new SecureRandom().nextLong() | 1;

  private KeyedHash() {}

  static int of(byte[] text, int start, int end) {
    long hash = SEED;
    for (int i = start; i < end; i++) {
      hash = (hash ^ text[i] & 0xff) * FACTOR;
      hash ^= hash >>> 29;
    }
    return (int) (hash ^ hash >>> 32);
  }

  static int of(CharSequence text) {
    long hash = SEED;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FACTOR;
      hash ^= hash >>> 29;
    }
    return (int) (hash ^ hash >>> 32);
  }
}
