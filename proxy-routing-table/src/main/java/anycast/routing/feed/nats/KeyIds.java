package anycast.routing.feed.nats;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/// A bucket's keys as row ids: each the first 63 bits of a salted hash of the key. So a key has one
/// id for as long as the process lives, over snapshots and servers, at 8 to 16 bytes a key.
///
/// Two of a million keys share an id once in 10⁷ processes; the salt keeps tenants, who choose
/// names, from looking for such a pair.
///
/// **Threading.** One stream's.
final class KeyIds {
  private static final byte[] SALT = new byte[16];

  static {
    new SecureRandom().nextBytes(SALT);
  }

  private final MessageDigest digest;
  private long[] slots = new long[64];
  private int size;

  KeyIds() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /// The key's id; never 0.
  long id(String key) {
    digest.update(SALT);
    byte[] hash = digest.digest(key.getBytes(StandardCharsets.UTF_8));
    long id = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      id = id << Byte.SIZE | hash[i] & 0xff;
    }
    return Math.max(1, id & Long.MAX_VALUE);
  }

  /// @return whether it is new
  boolean add(long id) {
    if (size * 2 >= slots.length) {
      long[] before = slots;
      slots = new long[before.length * 2];
      for (long old : before) {
        if (old != 0) {
          slots[slot(old)] = old;
        }
      }
    }
    int slot = slot(id);
    if (slots[slot] == id) {
      return false;
    }
    slots[slot] = id;
    size++;
    return true;
  }

  private int slot(long id) {
    int mask = slots.length - 1;
    int slot = (int) id & mask;
    while (slots[slot] != 0 && slots[slot] != id) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  int size() {
    return size;
  }

  void clear() {
    slots = new long[64];
    size = 0;
  }
}
