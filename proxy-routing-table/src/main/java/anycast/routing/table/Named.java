package anycast.routing.table;

/// A value under a name that exists as a string anyway. Immutable.
final class Named<V> {
  final String name;
  final V value;
  private final int hash;

  Named(String name, V value) {
    this.name = name;
    this.value = value;
    this.hash = KeyHash.of(name, 0);
  }

  static <V> ShardMap<Named<V>> map() {
    return ShardMap.empty(Named.<V>entries());
  }

  /// One instance serves all types: it looks at names only.
  @SuppressWarnings("unchecked")
  static <V> Layout<Named<V>> entries() {
    return (Layout<Named<V>>) (Layout<?>) Entries.ONLY;
  }

  static final class Entries implements Layout<Named<Object>> {
    private static final Entries ONLY = new Entries();

    @Override
    public int hash(Named<Object> entry) {
      return entry.hash;
    }

    @Override
    public boolean is(Named<Object> entry, byte[] key, int start, int length) {
      String name = entry.name;
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
    public boolean is(Named<Object> entry, String key, int start) {
      String name = entry.name;
      return start == 0
          ? name.equals(key)
          : key.length() - start == name.length() && key.startsWith(name, start);
    }

    @Override
    public boolean sameKey(Named<Object> one, Named<Object> other) {
      return one.name.equals(other.name);
    }
  }
}
