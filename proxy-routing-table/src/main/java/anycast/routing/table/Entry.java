package anycast.routing.table;

import java.util.Arrays;

/// What a [ShardMap] holds: a key with its hash, and what it leads to. Immutable.
abstract sealed class Entry {
  final int hash;

  private Entry(int hash) {
    this.hash = hash;
  }

  abstract boolean is(byte[] key, int start, int length);

  abstract boolean is(String key, int start);

  abstract boolean sameKey(Entry other);

  /// A hostname. The only object kept for it: 32 bytes and its name as bytes, because there may be
  /// millions. It names its app by slot, so that a change of the app touches no host.
  static final class Host extends Entry {
    final byte[] name;
    final int slot;
    final long generation;

    Host(byte[] name, int slot, long generation) {
      super(KeyHash.of(name, 0, name.length));
      this.name = name;
      this.slot = slot;
      this.generation = generation;
    }

    @Override
    boolean is(byte[] key, int start, int length) {
      return Arrays.equals(name, 0, name.length, key, start, start + length);
    }

    @Override
    boolean is(String key, int start) {
      if (key.length() - start != name.length) {
        return false;
      }
      for (int i = 0; i < name.length; i++) {
        if (key.charAt(start + i) != name[i]) {
          return false;
        }
      }
      return true;
    }

    @Override
    boolean sameKey(Entry other) {
      return other instanceof Host host && Arrays.equals(name, host.name);
    }
  }

  /// A value under a name that exists as a string anyway.
  static final class Named<V> extends Entry {
    final String name;
    final V value;

    Named(String name, V value) {
      super(KeyHash.of(name, 0));
      this.name = name;
      this.value = value;
    }

    @Override
    boolean is(byte[] key, int start, int length) {
      if (name.length() != length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (name.charAt(i) != key[start + i]) {
          return false;
        }
      }
      return true;
    }

    @Override
    boolean is(String key, int start) {
      return start == 0
          ? name.equals(key)
          : key.length() - start == name.length() && key.startsWith(name, start);
    }

    @Override
    boolean sameKey(Entry other) {
      return other instanceof Named<?> named && name.equals(named.name);
    }
  }
}
