package anycast.routing.admission;

import anycast.routing.model.NodeId;

/// In which wave an instance takes which change: another share of the instances is first with each
/// entry, so that none is always the one that is tried on.
///
/// @param firstShare of instances; 1 = all are first
record Wave(NodeId self, double firstShare) {
  private static final long MIX_FIRST = 0xbf58476d1ce4e5b9L;
  private static final long MIX_SECOND = 0x94d049bb133111ebL;

  boolean first(ContentHash hash) {
    if (firstShare >= 1) {
      return true;
    }
    long mixed = hash.high();
    for (int i = 0; i < self.value().length(); i++) {
      mixed = mix(mixed + self.value().charAt(i));
    }
    return (mix(mixed ^ hash.low()) >>> 11) * 0x1.0p-53 < firstShare;
  }

  /// The finalizer of splitmix64: each bit of the input moves each of the output.
  private static long mix(long value) {
    long z = (value ^ value >>> 30) * MIX_FIRST;
    z = (z ^ z >>> 27) * MIX_SECOND;
    return z ^ z >>> 31;
  }
}
