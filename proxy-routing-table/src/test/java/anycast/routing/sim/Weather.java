package anycast.routing.sim;

/// What goes wrong at the moment: the world's [Kinds], until it clears up.
final class Weather {
  private final Kinds kinds;
  private boolean clear;

  Weather(Kinds kinds) {
    this.kinds = kinds;
  }

  Kinds kinds() {
    return kinds;
  }

  /// From here on nothing goes wrong.
  void clearUp() {
    clear = true;
  }

  boolean isClear() {
    return clear;
  }

  boolean faultyAgent() {
    return kinds.faultyAgents() && !clear;
  }

  boolean sheds() {
    return kinds.overloaded() && !clear;
  }
}
