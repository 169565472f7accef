package anycast.routing.admission;

import anycast.routing.model.Entity;

/// What is known of an entity that was saved.
enum Standing {
  STABLE,
  /// Not stable, and nothing against it: it goes on proving itself.
  AGAIN,
  SUSPECT,
  /// In quarantine.
  OUT,
  /// In force for a moment; its row went on before it had proven itself.
  UNPROVEN;

  static Standing of(Entity entity, Book book) {
    ContentHash hash = ContentHash.of(entity);
    JournalRecord.Pending pending = book.pending(entity.key());
    if (book.quarantined(hash) != null) {
      return OUT;
    }
    if (pending != null && pending.hash().equals(hash)) {
      return pending.suspicion().suspect() ? SUSPECT : AGAIN;
    }
    if (book.isProven(hash)) {
      return STABLE;
    }
    boolean before =
        pending == null
            || pending.previous() != null && ContentHash.of(pending.previous()).equals(hash);
    return before && !book.isUnproven(entity.key(), hash) ? STABLE : UNPROVEN;
  }
}
