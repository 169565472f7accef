package anycast.routing.pick;

/// Bits that look random and are always the same: SplitMix64's finalizer, and names through it.
final class Mixing {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Mixing() {}

  static long of(long value) {
    long z = value + GOLDEN;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /// FNV-1a, mixed: names that differ in their last letter are far apart.
  static long of(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return of(hash);
  }
}
