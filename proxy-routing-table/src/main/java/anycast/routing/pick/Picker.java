package anycast.routing.pick;

/// Chooses instances of one service: locality tiers, power of two choices inside a tier.
///
/// **Threading.** Immutable, made with the snapshot; reads live load cells.
public final class Picker {
  /// @param attempts how many candidates at most
  /// @param random 64 random bits: picking is pure
  public PickResult pick(int attempts, long random) {
    throw new UnsupportedOperationException("A");
  }
}
