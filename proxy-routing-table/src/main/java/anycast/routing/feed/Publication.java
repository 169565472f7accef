package anycast.routing.feed;

import anycast.routing.document.DocumentReading;
import anycast.routing.model.Entity;
import anycast.routing.table.Delta;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/// Where deltas go, and who decides what of them comes into force; the seam between following and
/// building.
///
/// **Threading.** The table's writer.
@FunctionalInterface
public interface Publication {
  /// What became of a delta.
  ///
  /// @param version that readers see from now on
  /// @param keptOut indexes of its changes that are not in force: they wait, or harmed when they
  ///   were tried
  record Published(long version, BitSet keptOut) {
    /// All of it is in force.
    public static Published whole(long version) {
      return new Published(version, new BitSet());
    }
  }

  /// What is to be done though no source said anything.
  ///
  /// @param due what waited and may be put now
  /// @param reread tables whose rows are to be read again: some were refused unread
  record Turn(List<Entity> due, Set<Table> reread) {
    public static final Turn NOTHING = new Turn(List.of(), Set.of());
  }

  /// Puts a delta in force, or what of it may be.
  Published publish(Delta delta);

  /// What readers see under a key.
  ///
  /// @param told what the feed last put under it; null = nothing
  /// @return `told`, except where that is kept out; null = nothing
  default Entity served(Entity.Key key, Entity told) {
    return told;
  }

  /// Asked a few times a second.
  ///
  /// @param loaded whether there is something to serve
  default Turn turn(Moment now, boolean loaded) {
    return Turn.NOTHING;
  }

  /// Who reads documents for the table's writer.
  default DocumentReading documents() {
    return DocumentReading.DIRECT;
  }

  /// Who reads them for an audit. Any thread.
  default DocumentReading documentsOfAudits() {
    return documents();
  }

  /// A node keeps an entry out, or does so no longer. Told at once, before the delta of the batch
  /// that it came in; a row that is written again is told again where it differs.
  ///
  /// **Threading.** The caller of [#publish].
  ///
  /// **Faults.** The row is hostile: there may be no such node and no such entry, and there may be
  /// a hundred thousand.
  ///
  /// @param stands false where the row is gone
  default void onReject(Decoded.Reject reject, boolean stands) {}
}
