package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.Disk;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import java.util.List;
import java.util.Optional;

/// Which entries have proven themselves, which are on trial, and which stay out; outlives the
/// process in a journal.
///
/// ```
///  judge ─► (held ─► due) ─► compile, rehearse ─► intent: journal, sync ─► publish ─► beats ─► stable
///    │                                │
///    └► Quarantined                   └► quarantine
/// ```
///
/// Risky are virtual services, services, apps, hostnames, certificates, and instances whose labels,
/// app or address are new; everything else has a fixed shape, goes at once and leaves no trace.
///
/// **Threading.** The table's one writer calls all methods; [#view] is for any thread.
/// **Ownership.** One ledger a disk; closes nothing that it was given. **Limits.** As the constants
/// say. **Faults.** None is thrown for what a disk does: a ledger whose journal cannot be written
/// goes on in memory, says so in its view and tries again every half minute.
public final class Ledger implements AutoCloseable {
  /// Entries that are journaled one by one until they are stable; more than that come with a
  /// table's first snapshot only, and are journaled as their number.
  public static final int MAX_PENDING = 65_536;

  /// Changes that wait; more go at once.
  public static final int MAX_HELD = 65_536;

  /// Entries in quarantine; one more drops the one that expires first.
  public static final int MAX_QUARANTINED = 1_024;

  /// Changes that wait and are listed.
  public static final int SHOWN = 1_024;

  /// Characters of a stack or dump that are kept.
  public static final int MAX_DETAIL = 64 * 1024;

  private volatile LedgerView view;

  private Ledger(LedgerView view) {
    this.view = view;
  }

  /// Reads the journal, judges how the process before ended, and begins a new journal.
  ///
  /// @param disk a directory of its own
  /// @param self decides in which wave this instance is
  public static Ledger open(
      Disk disk, LastEnd last, AdmissionLimits limits, NodeId self, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// What of a saved table may be put in force at once: each entity itself, or the version before
  /// it, or nothing. Entities that are held for their trial come out of [#due] later. Journals what
  /// is on trial again.
  ///
  /// @param lastGood each key once
  /// @return in the same order; virtual services that were substituted are to be read again
  public List<Entity> preload(Iterable<? extends Entity> lastGood, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// The table is complete and serves: from now on changes of rules go in waves, and suspects get
  /// their trial. To be called once, with last-good right after it is in force.
  public void serving(Moment now) {
    throw new UnsupportedOperationException();
  }

  /// What is to become of a change. A change that waits replaces what waited of its key; a removal
  /// is always free and drops it.
  ///
  /// @param before what of this key is in force; null = nothing
  public Verdict judge(Change change, Entity before, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// These changes are put in force next: returns when that is journaled and outlives a crash.
  ///
  /// @param admitted all that will be published together, free ones too
  /// @param befores what of each key is in force; null = nothing
  public void intent(List<Change> admitted, List<Entity> befores, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Once a second.
  ///
  /// @param well whether the process is well
  public void onBeat(boolean well, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Held changes whose turn has come: to be compiled, rehearsed, told to [#intent] and published,
  /// but not judged again. Each is given out once. At most one trial at a time.
  public List<Change> due(Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Keeps an entry out. It may be in force or not.
  ///
  /// @param entity what did harm; a virtual service need not have been read
  /// @param before what of this key is in force and did no harm; null = nothing
  /// @param reason one sentence
  /// @param detail stack or dump; cut at [#MAX_DETAIL]
  public QuarantineEntry quarantine(
      Entity entity, Entity before, Stage stage, String reason, String detail, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Whether an entry is kept out now. Of entries superseded by a new version too: the same content
  /// stays out when it comes back.
  public Optional<QuarantineEntry> quarantined(ContentHash hash, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// The last version of a quarantined or pending entry's key that is known to do no harm; a
  /// virtual service is to be read again.
  public Optional<Entity> previous(ContentHash hash) {
    throw new UnsupportedOperationException();
  }

  /// An operator lets an entry in. The row is judged again when its source or an audit tells it
  /// again; the caller may do so at once.
  ///
  /// @return false where it was not in quarantine
  public boolean release(ContentHash hash, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// Another instance keeps an entry out: where it waits for its wave here, or comes later, it
  /// waits until its row changes, that instance takes it back, or a quarantine's time is over. What
  /// is in force here stays.
  public void onReject(ContentHash hash, NodeId from, String reason, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// That instance no longer keeps it out.
  public void onRejectWithdrawn(ContentHash hash, NodeId from, Moment now) {
    throw new UnsupportedOperationException();
  }

  /// What it looks like; as of the last call of another method. Any thread.
  public LedgerView view() {
    return view;
  }

  /// The process stops in order: nothing that is pending will be suspect.
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
