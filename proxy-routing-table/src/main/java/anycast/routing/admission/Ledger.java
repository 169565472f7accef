package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.Disk;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Which entries have proven themselves, which are on trial, and which stay out; outlives the
/// process in a journal.
///
/// ```
///  judge ─► (held ─► due) ─► compile, rehearse ─► intent: journal, sync ─► publish ─► beats ─► stable
///    │                                │
///    └► Quarantined                   └► quarantine
/// ```
///
/// What was stable lately goes at once when it comes back: after a start from an older table, or
/// because its author takes a change back.
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
  /// table's first snapshot only, and are journaled as their number, or come in [Parts].
  public static final int MAX_PENDING = 65_536;

  /// Changes that wait; more go at once.
  public static final int MAX_HELD = 65_536;

  /// Entries in quarantine; one more drops the one that expires first.
  public static final int MAX_QUARANTINED = 1_024;

  /// Changes that wait and are listed.
  public static final int SHOWN = 1_024;

  /// Characters of a stack or dump that are kept.
  public static final int MAX_DETAIL = 64 * 1024;

  private final AdmissionLimits limits;
  private final Wave wave;
  private final Chronicle chronicle;
  private final Book book;
  private final Soak soak;
  private final Waiting waiting;
  private final Turns turns;
  private final Quarantine quarantine;
  private final Repeats repeats;
  private final Parts parts;

  private boolean serving;

  private volatile LedgerView view;

  private Ledger(Disk disk, LastEnd last, AdmissionLimits limits, NodeId self, Moment now) {
    this.limits = limits;
    this.wave = new Wave(self, limits.firstShare());
    this.soak = new Soak(limits.soak(), now);
    this.waiting = new Waiting(limits.quarantine());
    this.book = new Book();
    this.chronicle = new Chronicle(new Journal(disk), book);
    this.turns = new Turns(limits, book, soak, waiting, wave);
    this.quarantine = new Quarantine(limits, book, chronicle, waiting);
    this.repeats = new Repeats(book);
    chronicle.open(last, limits, self, now);
    this.parts = new Parts(book, soak, limits.soak(), now);
    quarantine.expire(now);
    show(now);
  }

  /// Reads the journal, judges how the process before ended, and begins a new journal.
  ///
  /// @param disk a directory of its own
  /// @param self decides in which wave this instance is
  public static Ledger open(
      Disk disk, LastEnd last, AdmissionLimits limits, NodeId self, Moment now) {
    return new Ledger(disk, last, limits, self, now);
  }

  /// What of a saved table may be put in force at once: each entity itself, or the version before
  /// it, or nothing. Entities that are held for their trial come out of [#due] later. Journals what
  /// is on trial again. May be called for parts of the table, one after the other.
  ///
  /// Whoever mirrors what sources say goes on with `lastGood`, not with what is returned: the
  /// difference is what this ledger holds.
  ///
  /// @param lastGood each key once
  /// @return in the same order; virtual services that were substituted are to be read again
  public List<Entity> preload(Iterable<? extends Entity> lastGood, Moment now) {
    List<Entity> usable = new ArrayList<>();
    List<JournalRecord> again = new ArrayList<>();
    for (Entity entity : lastGood) {
      if (book.isClear(entity.key())) {
        usable.add(entity);
        continue;
      }
      switch (Standing.of(entity, book)) {
        case STABLE -> usable.add(entity);
        case AGAIN -> {
          ContentHash hash = ContentHash.of(entity);
          again.add(new JournalRecord.Trial(hash));
          soak.begin(hash, now);
          usable.add(entity);
        }
        case SUSPECT -> {
          hold(new Change.Put(entity), ContentHash.of(entity), Verdict.Why.SUSPECT, now);
          previous(ContentHash.of(entity)).ifPresent(usable::add);
        }
        case OUT -> {
          quarantine.keep(new Change.Put(entity), ContentHash.of(entity), now);
          previous(ContentHash.of(entity)).ifPresent(usable::add);
        }
        case UNPROVEN -> book.previousOf(entity.key()).ifPresent(usable::add);
      }
    }
    chronicle.write(again, true, now);
    show(now);
    return usable;
  }

  /// The table is complete and serves: from now on changes of rules go in waves, and suspects get
  /// their trial. To be called once, with last-good right after it is in force.
  public void serving(Moment now) {
    serving = true;
    turns.look(now);
  }

  /// What is to become of a change. A change that waits replaces what waited of its key; a removal
  /// is always free and drops it.
  ///
  /// @param before what of this key is in force; null = nothing
  public Verdict judge(Change change, Entity before, Moment now) {
    return switch (change) {
      case Change.Remove(Entity.Key key) -> {
        waiting.remove(key);
        quarantine.supersede(key, ContentHash.NONE, now);
        yield new Verdict.Free();
      }
      case Change.Put put -> judge(put, before, now);
    };
  }

  private Verdict judge(Change.Put put, Entity before, Moment now) {
    Entity entity = put.entity();
    Waiting.Held was = waiting.remove(entity.key());
    if (book.mayBeQuarantined(entity.key())) {
      ContentHash hash = ContentHash.of(entity);
      if (quarantined(hash).isPresent()) {
        quarantine.keep(put, hash, now);
        return new Verdict.Quarantined(previous(hash));
      }
      quarantine.supersede(entity.key(), hash, now);
    }
    JournalRecord.Pending pending = book.pending(entity.key());
    Risk risk = Risk.of(entity, before);
    if (pending == null && risk == Risk.NONE) {
      return new Verdict.Free();
    }
    ContentHash hash = ContentHash.of(entity);
    if (pending != null && pending.hash().equals(hash)) {
      boolean waits = pending.suspicion().suspect() && !pending.onTrial();
      return waits ? held(put, hash, Verdict.Why.SUSPECT, was, now) : new Verdict.Admit();
    }
    if (book.isProven(hash) || before != null && ContentHash.of(before).equals(hash)) {
      return new Verdict.Free();
    }
    return judgeFresh(put, hash, risk, was, now);
  }

  private Verdict judgeFresh(
      Change.Put put, ContentHash hash, Risk risk, Waiting.Held was, Moment now) {
    if (!parts.isOpen(hash) && (risk.canWait() || !serving)) {
      return new Verdict.Hold(Verdict.Why.PART, Optional.empty());
    }
    Optional<Verdict.Why> why = whyWait(put.entity().key(), hash, risk);
    return why.isEmpty() || waiting.isFull()
        ? new Verdict.Admit()
        : held(put, hash, why.get(), was, now);
  }

  private Optional<Verdict.Why> whyWait(Entity.Key key, ContentHash hash, Risk risk) {
    if (risk.canWait() && repeats.holds(key)) {
      return Optional.of(Verdict.Why.REPEATED);
    }
    if (serving && risk.canWait() && turns.trying()) {
      return Optional.of(Verdict.Why.TRIAL);
    }
    // A part is as much as may wait; were it to come in waves, the next one would be beside it.
    return serving && risk == Risk.RULE && !parts.areOn() && !wave.first(hash)
        ? Optional.of(Verdict.Why.SECOND_WAVE)
        : Optional.empty();
  }

  /// @param was what waited of its key; its time goes on, where it is the same or comes too fast
  private Verdict held(
      Change.Put put, ContentHash hash, Verdict.Why why, Waiting.Held was, Moment now) {
    boolean hasty = why == Verdict.Why.REPEATED && was != null && was.why() == why;
    boolean goesOn = hasty || was != null && was.hash().equals(hash);
    hold(put, hash, why, goesOn ? was.since() : now);
    Waiting.Held held = waiting.of(put.entity().key());
    boolean rejected = why == Verdict.Why.SECOND_WAVE && !waiting.rejected(held, now).isEmpty();
    return new Verdict.Hold(rejected ? Verdict.Why.REJECTED : why, previous(hash));
  }

  private void hold(Change.Put put, ContentHash hash, Verdict.Why why, Moment since) {
    boolean repeated = why == Verdict.Why.REPEATED;
    Duration wait = repeated ? repeats.wait(put.entity().key()) : limits.firstSoak();
    long due = since.nanos() + wait.toNanos();
    waiting.add(new Waiting.Held(put, hash, why, since, due, false));
    if (why == Verdict.Why.SUSPECT) {
      turns.onSuspect(since);
    }
  }

  /// These changes are put in force next: returns when that is journaled and outlives a crash.
  ///
  /// @param admitted all that will be published together, free ones too
  /// @param befores what of each key is in force; null = nothing
  public void intent(List<Change> admitted, List<Entity> befores, Moment now) {
    Intent intent = new Intent(book, soak, now);
    for (int i = 0; i < admitted.size(); i++) {
      intent.add(admitted.get(i), befores.get(i));
    }
    List<JournalRecord> records = intent.records();
    chronicle.write(records, intent.isTrial(), now);
    if (!records.isEmpty()) {
      // Thousands of deltas a second, and lists that hardly change: the next beat shows them.
      show(view.quarantined(), view.held());
    }
  }

  /// Once a second.
  ///
  /// @param well whether the process is well
  /// @return whether some that waited for [Verdict.Why#PART] may be judged again: [#mayCome]
  public boolean onBeat(boolean well, Moment now) {
    List<ContentHash> stable = soak.onBeat(well, now);
    chronicle.write(stable.stream().map(this::proven).toList(), true, now);
    chronicle.mend(now);
    quarantine.expire(now);
    turns.look(now);
    boolean opens = serving && parts.opens(turns.trying(), now);
    if (opens && !parts.areOn()) {
      chronicle.write(List.of(JournalRecord.Bulk.NONE), true, now);
    }
    show(now);
    return opens;
  }

  private JournalRecord proven(ContentHash hash) {
    return hash.isNone() ? book.bulk().proven() : new JournalRecord.Stable(hash);
  }

  /// Whether an entry's part may be in force.
  boolean mayCome(ContentHash hash) {
    return parts.isOpen(hash);
  }

  /// Held changes whose turn has come: to be compiled, rehearsed, told to [#intent] and published,
  /// but not judged again. Each is given out once. At most one trial at a time.
  public List<Change> due(Moment now) {
    if (!serving || waiting.isEmpty()) {
      return List.of();
    }
    List<Change> due = turns.due(now);
    if (!due.isEmpty()) {
      show(now);
    }
    return due;
  }

  /// Keeps an entry out. It may be in force or not.
  ///
  /// @param entity what did harm; a virtual service need not have been read
  /// @param before what of this key is in force and did no harm; null = nothing
  /// @param reason one sentence
  /// @param detail stack or dump; cut at [#MAX_DETAIL]
  public QuarantineEntry quarantine(
      Entity entity, Entity before, Stage stage, String reason, String detail, Moment now) {
    soak.drop(ContentHash.of(entity));
    QuarantineEntry out = quarantine.add(entity, before, stage, reason, detail, now);
    show(now);
    return out;
  }

  /// Keeps an entry out that was in force and went before it was stable: its author was faster than
  /// its harm was known, and may write it again.
  ///
  /// @return false where nothing is known of such an entry
  public boolean quarantineGone(
      ContentHash hash, Stage stage, String reason, String detail, Moment now) {
    boolean known = quarantine.addGone(hash, stage, reason, detail, now);
    show(now);
    return known;
  }

  /// Whether an entry is kept out, as of the last beat. Of entries superseded by a new version too:
  /// the same content stays out when it comes back.
  public Optional<QuarantineEntry> quarantined(ContentHash hash) {
    return Optional.ofNullable(book.quarantined(hash)).map(JournalRecord.Quarantined::entry);
  }

  /// Whether an entry has not proven itself yet.
  public boolean isUnproven(ContentHash hash) {
    return book.pending(hash) != null;
  }

  /// The key of an entry that has not proven itself yet, or that has a version before it.
  public Optional<Entity.Key> key(ContentHash hash) {
    return Optional.ofNullable(book.known(hash)).map(JournalRecord.Pending::key);
  }

  /// The last version of an entry's key, before it, that is known to do no harm; a virtual service
  /// is to be read again.
  public Optional<Entity> previous(ContentHash hash) {
    return book.previous(hash);
  }

  /// An operator lets an entry in. Where its change is known it comes out of [#due]; a document
  /// that was quarantined while it was read is to be read again by the caller.
  ///
  /// @return false where it was not in quarantine
  public boolean release(ContentHash hash, Moment now) {
    boolean was = quarantine.release(hash, now);
    show(now);
    return was;
  }

  /// Another instance keeps an entry out: where it waits for its wave here, or comes later, it
  /// waits until its row changes, that instance takes it back, or a quarantine's time is over. What
  /// is in force here stays.
  ///
  /// What this instance itself tells comes back to it, and says nothing here; nor does one that is
  /// not [#believe]d. A hundred thousand of them cost a hundred thousand steps: the next beat shows
  /// them.
  public void onReject(ContentHash hash, NodeId from, Moment now) {
    if (!from.equals(wave.self())) {
      waiting.hearsay().on(hash, from, now);
    }
  }

  /// That instance no longer keeps it out.
  public void onRejectWithdrawn(ContentHash hash, NodeId from) {
    waiting.hearsay().withdraw(hash, from);
  }

  /// Whose rejects count; all until this is said.
  ///
  /// @param nodes which ones state knows
  void believe(Predicate<NodeId> nodes) {
    waiting.hearsay().believe(nodes);
  }

  /// What it looks like; as of the last beat at the latest. Any thread.
  public LedgerView view() {
    return view;
  }

  private void show(Moment now) {
    show(
        book.allQuarantined().stream()
            .filter(out -> !out.superseded())
            .map(JournalRecord.Quarantined::entry)
            .toList(),
        waiting.shown(now));
  }

  private void show(List<QuarantineEntry> quarantined, List<HeldEntry> held) {
    view =
        new LedgerView(
            quarantined,
            held,
            waiting.count(),
            book.onTrialCount(),
            book.bulk().onTrial() ? book.bulk().entries() : 0,
            book.suspectCount(),
            chronicle.problem(),
            chronicle.failures(),
            chronicle.notes());
  }

  /// The process stops in order: nothing that is pending will be suspect.
  @Override
  public void close() {
    chronicle.close();
  }
}
