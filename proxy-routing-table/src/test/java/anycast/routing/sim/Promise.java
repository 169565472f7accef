package anycast.routing.sim;

/// What holds in every world.
enum Promise {
  NO_GHOST("after heal and quiet the table holds nothing that the store does not"),
  NO_LOST_UPDATE("after heal and quiet every row of the store is in force"),
  MONOTONE("a key's generation goes back only by a snapshot"),
  REPLAY("the published snapshot is what its changes add up to"),
  UNTOUCHED("what nobody touched is in force in every published snapshot"),
  CONVERGENCE("after heal, streams are up and whole within a bounded time"),
  LAST_GOOD("last-good gives a whole generation that was once saved, or nothing"),
  CONTIGUOUS("the positions of a stream are contiguous as the core takes them"),
  AUDIT("an audit of a table that is right finds nothing, and compares everything"),
  NO_STORM("snapshots are taken at a bounded rate");

  private final String words;

  Promise(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
