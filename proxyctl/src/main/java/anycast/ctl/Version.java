package anycast.ctl;

/// What a virtual service was at one time.
///
/// @param generation grows with each version of the name, deletions included
/// @param document YAML; empty = it was deleted
/// @param author who wrote it; empty = not known: it was written without this tool
/// @param atMillis by the author's wall clock; 0 = not known
/// @param note why
record Version(
    String name, long generation, String document, String author, long atMillis, String note) {
  boolean isDeletion() {
    return document.isEmpty();
  }
}
