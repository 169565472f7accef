package anycast.routing.admission;

import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import java.util.List;

/// One line of the journal. Read in order they tell what a process knew when it ended; those of a
/// life begin with [Start].
sealed interface JournalRecord {
  /// A process began.
  ///
  /// @param life counts processes
  record Start(long life, long millis) implements JournalRecord {}

  /// Whose life it is.
  record Of(NodeId node) implements JournalRecord {}

  /// An entry is not stable; a later one of the same hash replaces an earlier one.
  ///
  /// @param hosts of a virtual service, as its rules name them, or of an instance, as its labels do
  /// @param previous the last stable version of its key; null = none
  /// @param onTrial whether it is put in force next
  record Pending(
      ContentHash hash,
      Entity.Key key,
      List<String> hosts,
      Entity previous,
      long sinceMillis,
      boolean onTrial,
      Suspicion suspicion)
      implements JournalRecord {
    public Pending {
      hosts = List.copyOf(hosts);
    }

    Pending onTrial(boolean is) {
      return new Pending(hash, key, hosts, previous, sinceMillis, is, suspicion);
    }

    /// As the clock was set.
    Pending moved(long millis) {
      return new Pending(hash, key, hosts, previous, sinceMillis + millis, onTrial, suspicion);
    }

    Pending with(Suspicion other) {
      return new Pending(hash, key, hosts, previous, sinceMillis, onTrial, other);
    }
  }

  /// A pending entry is put in force next, once more.
  record Trial(ContentHash hash) implements JournalRecord {}

  /// Entries that are not journaled one by one; the latest record counts.
  ///
  /// @param entries how many
  /// @param halves what is held against all of them, as in [Suspicion]
  /// @param onTrial whether they are put in force next, or are and have not proven themselves
  record Bulk(long entries, int halves, boolean onTrial) implements JournalRecord {
    static final Bulk NONE = new Bulk(0, 0, false);

    /// Two abnormal ends: one may be chance, and costs all tenants nothing more.
    private static final int DOUBTFUL_HALVES = 4;

    /// Whether they may come part by part only.
    boolean doubtful() {
      return halves >= DOUBTFUL_HALVES;
    }

    /// So many more are put in force.
    Bulk with(long more) {
      return new Bulk(entries + more, halves, true);
    }

    /// A life ended.
    Bulk onEnd(int moreHalves) {
      Bulk ended = new Bulk(entries, halves + moreHalves, false);
      // The next life counts its own, or makes parts of these.
      return ended.doubtful() ? ended : new Bulk(0, ended.halves, false);
    }

    /// What of it is in force soaked. Parts go on until all came.
    Bulk proven() {
      return doubtful() ? onEnd(0) : NONE;
    }
  }

  /// It proved itself.
  record Stable(ContentHash hash) implements JournalRecord {}

  /// Its row went, or has a new version, before it proved itself: it is not in force any more, but
  /// may be in a saved table.
  record Forgotten(ContentHash hash, Entity.Key key) implements JournalRecord {}

  /// It stays out.
  ///
  /// @param key null where only its hash is known
  /// @param previous the last stable version of its key; null = none
  /// @param superseded whether its row has another version that was admitted
  record Quarantined(QuarantineEntry entry, Entity.Key key, Entity previous, boolean superseded)
      implements JournalRecord {}

  /// It may come back: its time was over, or an operator let it.
  record Released(ContentHash hash) implements JournalRecord {}

  /// The process stops in order.
  record Orderly() implements JournalRecord {}
}
