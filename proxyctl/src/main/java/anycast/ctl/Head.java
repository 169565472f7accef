package anycast.ctl;

import java.util.Optional;

/// Where a name stands: what a change is made from, and what must still hold when it is written.
///
/// @param rowGeneration of the row in force; 0 = there is none
/// @param document of the row in force; empty = there is none
/// @param lastGeneration the highest that the name ever had, deletions included
/// @param revision by which NATS counts the entry's writes, its removals included; 0 elsewhere
record Head(
    String name,
    long rowGeneration,
    Optional<String> document,
    long lastGeneration,
    long revision) {
  /// The generation that the next version gets: never one that a version had.
  long next() {
    return Math.max(rowGeneration, lastGeneration) + 1;
  }
}
