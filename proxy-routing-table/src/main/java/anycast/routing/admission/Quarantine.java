package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.RowName;
import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// What goes into quarantine and comes out of it, with its records.
///
/// Its time outlives processes, so it is the wall clock's, and goes on where the clock is set: by
/// the monotonic one it lasts as long as ever. Nothing is out for longer than a quarantine from
/// now, whatever the clock of the process before was.
///
/// **Threading.** Its owner's.
final class Quarantine {
  /// A sentence.
  private static final int MAX_REASON = 1_000;

  /// A clock that goes a little wrong is put right in steps below this; both clocks are read within
  /// a moment.
  private static final long CLOCK_SET_MILLIS = Duration.ofMinutes(1).toMillis();

  private final AdmissionLimits limits;
  private final Book book;
  private final Chronicle chronicle;
  private final Waiting waiting;

  /// When it was looked last; null = not yet.
  private Moment looked;

  Quarantine(AdmissionLimits limits, Book book, Chronicle chronicle, Waiting waiting) {
    this.limits = limits;
    this.book = book;
    this.chronicle = chronicle;
    this.waiting = waiting;
  }

  /// @param before what of its key is in force; null = nothing
  QuarantineEntry add(
      Entity entity, Entity before, Stage stage, String reason, String detail, Moment now) {
    ContentHash hash = ContentHash.of(entity);
    JournalRecord.Pending pending = book.pending(entity.key());
    boolean itself = pending != null && pending.hash().equals(hash);
    Entity previous = pending != null ? pending.previous() : before;
    if (previous == null && !itself) {
      previous = book.previous(hash).orElse(null);
    }
    if (previous != null && ContentHash.of(previous).equals(hash) || !book.hasRoomFor(previous)) {
      previous = null;
    }
    QuarantineEntry out =
        new QuarantineEntry(
            hash,
            RowCodec.table(entity.key()).label(),
            RowName.of(entity.key()),
            stage,
            cut(reason, MAX_REASON),
            cut(detail, Ledger.MAX_DETAIL),
            now.millis(),
            now.millis() + limits.quarantine().toMillis(),
            previous != null || before != null && !itself);
    List<JournalRecord> records = new ArrayList<>();
    records.add(new JournalRecord.Quarantined(out, entity.key(), previous, false));
    if (itself) {
      for (JournalRecord.Pending other : book.cleared(new HashSet<>(pending.suspicion().ends()))) {
        if (!other.hash().equals(hash)) {
          records.add(other.with(Suspicion.NONE));
        }
      }
    }
    chronicle.write(records, true, now);
    waiting.remove(entity.key());
    if (stage != Stage.VALIDATE) {
      keep(new Change.Put(entity), hash, now);
    }
    return out;
  }

  /// What is gone keeps its content out, and is no row's any more.
  ///
  /// @return false where it is not known, or is back on trial
  boolean addGone(ContentHash hash, Stage stage, String reason, String detail, Moment now) {
    Entity.Key key = book.unproven(hash);
    if (key == null) {
      return false;
    }
    QuarantineEntry out =
        new QuarantineEntry(
            hash,
            RowCodec.table(key).label(),
            RowName.of(key),
            stage,
            cut(reason, MAX_REASON),
            cut(detail, Ledger.MAX_DETAIL),
            now.millis(),
            now.millis() + limits.quarantine().toMillis(),
            true);
    chronicle.write(List.of(new JournalRecord.Quarantined(out, key, null, true)), true, now);
    return true;
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }

  /// The change of an entry in quarantine came: it is remembered for the release, and the entry
  /// gets its row's name where only its hash was known, or is the row's latest again.
  void keep(Change.Put put, ContentHash hash, Moment now) {
    JournalRecord.Quarantined known = book.quarantined(hash);
    Entity.Key key = put.entity().key();
    if (known.key() == null || known.superseded()) {
      QuarantineEntry named = known.entry().named(RowCodec.table(key).label(), RowName.of(key));
      chronicle.write(
          List.of(new JournalRecord.Quarantined(named, key, known.previous(), false)), false, now);
    }
    if (!waiting.isFull()) {
      waiting.add(new Waiting.Held(put, hash, null, now, now.nanos(), false));
    }
  }

  /// A source told another version of a row, or took it away: what is kept out of it is the past.
  ///
  /// @param hash of what it says now
  void supersede(Entity.Key key, ContentHash hash, Moment now) {
    List<JournalRecord> records = new ArrayList<>();
    for (JournalRecord.Quarantined out : book.quarantinedOf(key)) {
      if (!out.entry().hash().equals(hash)) {
        records.add(new JournalRecord.Quarantined(out.entry(), key, out.previous(), true));
      }
    }
    chronicle.write(records, false, now);
  }

  /// @return false where it was not there
  boolean release(ContentHash hash, Moment now) {
    JournalRecord.Quarantined known = book.quarantined(hash);
    if (known == null) {
      return false;
    }
    chronicle.write(List.of(new JournalRecord.Released(hash)), true, now);
    Waiting.Held held = held(known);
    if (held != null) {
      waiting.add(new Waiting.Held(held.change(), hash, Verdict.Why.TRIAL, now, now.nanos(), true));
    }
    return true;
  }

  /// @return null where its change is not known
  private Waiting.Held held(JournalRecord.Quarantined of) {
    return of.key() != null && waiting.has(of.key(), of.entry().hash())
        ? waiting.of(of.key())
        : null;
  }

  /// Entries whose time is over get a trial of their own; suspects that no source told for as long
  /// are forgotten.
  ///
  /// While a process lives its time is the monotonic clock's, and the dates follow a wall clock
  /// that is set: or all that is out would come back together, on each host that the time server
  /// reaches. A date that is farther away than quarantine lasts is one of a clock that was wrong.
  void expire(Moment now) {
    chronicle.write(redated(now), true, now);
    List<JournalRecord> records = new ArrayList<>();
    for (JournalRecord.Quarantined out : book.allQuarantined()) {
      if (now.millis() >= out.entry().untilMillis()) {
        expire(out, records, now);
      }
    }
    for (JournalRecord.Pending entry : book.allSuspects()) {
      boolean old = now.millis() - entry.sinceMillis() > limits.quarantine().toMillis();
      if (old && !entry.onTrial() && !waiting.has(entry.key(), entry.hash())) {
        records.add(new JournalRecord.Forgotten(entry.hash(), entry.key()));
      }
    }
    chronicle.write(records, false, now);
  }

  private List<JournalRecord> redated(Moment now) {
    long set = looked == null ? 0 : now.millis() - looked.millis() - millis(now, looked);
    long step = Math.abs(set) < CLOCK_SET_MILLIS ? 0 : set;
    looked = now;
    long lasts = limits.quarantine().toMillis();
    List<JournalRecord> records = new ArrayList<>();
    for (JournalRecord.Quarantined out : book.allQuarantined()) {
      QuarantineEntry was = out.entry();
      long until = Math.min(was.untilMillis() + step, now.millis() + lasts);
      if (until != was.untilMillis()) {
        long since = Math.min(was.sinceMillis() + step, now.millis());
        records.add(
            new JournalRecord.Quarantined(
                was.dated(since, until), out.key(), out.previous(), out.superseded()));
      }
    }
    if (step != 0) {
      book.allSuspects().forEach(entry -> records.add(entry.moved(step)));
    }
    return records;
  }

  private static long millis(Moment now, Moment before) {
    return Duration.ofNanos(now.nanos() - before.nanos()).toMillis();
  }

  private void expire(JournalRecord.Quarantined out, List<JournalRecord> records, Moment now) {
    ContentHash hash = out.entry().hash();
    records.add(new JournalRecord.Released(hash));
    if (out.key() == null || out.superseded() || book.pending(out.key()) != null) {
      return;
    }
    records.add(
        new JournalRecord.Pending(
            hash,
            out.key(),
            List.of(),
            out.previous(),
            now.millis(),
            false,
            Suspicion.afterQuarantine()));
    Waiting.Held held = held(out);
    if (held != null) {
      waiting.add(
          new Waiting.Held(held.change(), hash, Verdict.Why.SUSPECT, now, held.dueNanos(), false));
    }
  }
}
