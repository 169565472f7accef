package anycast.ctl;

/// A virtual service as it shall be.
///
/// @param from where the name stands now
/// @param document empty = it shall be gone
record Wanted(Head from, String document) {
  String name() {
    return from.name();
  }

  /// Whether it is so already.
  boolean stands() {
    return from.document().orElse("").equals(document);
  }

  /// What becomes of it, in a word.
  String action() {
    if (stands()) {
      return "unchanged";
    }
    if (document.isEmpty()) {
      return "delete";
    }
    return from.document().isEmpty() ? "create" : "update";
  }
}
