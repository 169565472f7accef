package anycast.routing.feed;

import anycast.routing.model.Entity;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Events in, deltas out: what follows from what sources say.
///
/// ```
///  (FeedId, event) ──► mirror by rowid ──► table: who owns the key? ──► Delta ──► Publication
///        tick ──► guard, silence, audit ──► Requests
/// ```
///
/// **Threading.** One thread's; has no thread, clock or randomness of its own, so that the same
/// events at the same moments end in the same table. [#seen] is for any thread.
public final class FeedCore {
  public FeedCore(
      List<FeedId> feeds,
      FeedLimits limits,
      Publication publication,
      Requests requests,
      RandomGenerator random,
      Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Puts what was saved in force, before any event. Entities of tables that no feed feeds are left
  /// out.
  ///
  /// @param savedAtMillis wall clock when a source last vouched for them
  public void preload(Iterable<? extends Entity> entities, long savedAtMillis, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Takes in a batch and publishes what it changed, once.
  public void onEvents(List<Arrival> batch, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// To be called a few times a second, whether something happened or not.
  public void onTick(Moment now) {
    throw new UnsupportedOperationException();
  }

  /// An operator says that withheld rows may go: those of one feed, or all. What was read from disk
  /// stays until a source has spoken.
  ///
  /// @return rows that went
  public int accept(Optional<FeedId> feed, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// An operator wants a new snapshot.
  public void resync(FeedId feed, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// An audit begins: from here on the core remembers which rows change.
  ///
  /// @return feeds to be read from their beginning, after this call; empty where one is going on
  public List<FeedId> auditBegun(Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Some rows of a reading, in any order.
  public void onAuditRows(FeedId feed, List<ReadRow> rows) {
    throw new UnsupportedOperationException();
  }

  /// A reading ended.
  ///
  /// @param fault why it is worth nothing; empty = it is whole
  public void onAuditRead(FeedId feed, String fault, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Some entities of a snapshot that was in force at or after [#auditBegun], each once.
  public void onAuditInForce(List<Entity> entities) {
    throw new UnsupportedOperationException();
  }

  /// All entities of that snapshot were told. The audit ends in a later tick, when changes that
  /// were on their way while it was read have come in.
  public void onAuditInForceEnd(Moment now) {
    throw new UnsupportedOperationException();
  }

  /// What became of the feeds. Any thread.
  public FeedStatus status(Moment now) {
    throw new UnsupportedOperationException();
  }

  /// What changed. Any thread.
  public ChangeRing changes() {
    throw new UnsupportedOperationException();
  }
}
