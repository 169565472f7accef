package anycast.routing.admission;

import anycast.routing.feed.RowCodec;
import anycast.routing.feed.RowName;
import anycast.routing.model.Entity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Why did the process before end? Decides whom its end speaks against, once, when a ledger is
/// opened.
///
/// ```
///  in order ────────────────────► nobody
///  somebody is proven ──────────► quarantine; what else only he explains is cleared
///  one entry was on trial ──────► a half or a whole against it; two wholes: quarantine
///  several were ────────────────► they are suspects, tried in halves
/// ```
///
/// Proven is what a thread was stuck in, and what it had long been at, where that is not stable:
/// the watchdog knows a stuck thread from one that gets no CPU, a clock does not.
///
/// Rules: what was not on trial is not suspected, what was not alone is not convicted, and one end
/// alone convicts nobody.
///
/// **Threading.** One call's.
final class Inquest {
  private final Book book;
  private final LastEnd last;
  private final AdmissionLimits limits;
  private final long nowMillis;
  private final List<String> notes = new ArrayList<>();

  Inquest(Book book, LastEnd last, AdmissionLimits limits, long nowMillis) {
    this.book = book;
    this.last = last;
    this.limits = limits;
    this.nowMillis = nowMillis;
  }

  /// Changes the book; nothing is on trial afterwards.
  void hold() {
    List<JournalRecord.Pending> trial = book.allOnTrial();
    if (last.kind() != LastEnd.Kind.ORDERLY) {
      Set<ContentHash> proven = proven(trial);
      if (!proven.isEmpty()) {
        convictProven(proven);
      } else if (!book.orderly()) {
        suspect(trial);
      }
    }
    for (JournalRecord.Pending entry : book.allOnTrial()) {
      book.apply(entry.onTrial(false));
    }
  }

  List<String> notes() {
    return notes;
  }

  private Set<ContentHash> proven(List<JournalRecord.Pending> trial) {
    Set<ContentHash> proven = new HashSet<>();
    for (LastEnd.Blamed blamed : last.blamed()) {
      if (!proves(blamed)) {
        continue;
      }
      if (!blamed.entry().isNone()) {
        proven.add(blamed.entry());
      } else {
        List<JournalRecord.Pending> named =
            trial.stream().filter(entry -> Hosts.name(entry.hosts(), blamed.host())).toList();
        if (named.size() == 1) {
          proven.add(named.getFirst().hash());
        }
      }
    }
    return proven;
  }

  /// Whether it is the cause, and not only near it. Of a host those that are on trial are asked
  /// for, so it is never something stable.
  private boolean proves(LastEnd.Blamed blamed) {
    return switch (blamed.evidence()) {
      case NEAR -> false;
      case LONG -> blamed.entry().isNone() || !isStable(blamed);
      case STUCK -> true;
    };
  }

  /// What requests met was in force: where it is not on trial, and did not go before it was stable,
  /// it has served. What was read or compiled is not in this book before it is in force, so it is
  /// new unless it proved itself lately; were it let off, each start would end of it.
  private boolean isStable(LastEnd.Blamed blamed) {
    if (book.pending(blamed.entry()) != null || book.unproven(blamed.entry()) != null) {
      return false;
    }
    return switch (blamed.stage()) {
      case VALIDATE, COMPILE, REHEARSE -> book.isProven(blamed.entry());
      case IDLE, PUBLISH, ROUTE, RULE, PICK, RELAY -> true;
    };
  }

  private void convictProven(Set<ContentHash> proven) {
    for (LastEnd.Blamed blamed : last.blamed()) {
      ContentHash hash = blamed.entry();
      if (hash.isNone()) {
        hash =
            proven.stream()
                .filter(p -> book.pending(p) != null)
                .filter(p -> Hosts.name(book.pending(p).hosts(), blamed.host()))
                .findFirst()
                .orElse(ContentHash.NONE);
      }
      if (proves(blamed) && proven.remove(hash)) {
        String thread = "thread " + blamed.thread();
        boolean stuck = blamed.evidence() == LastEnd.Evidence.STUCK;
        convict(
            hash,
            blamed.stage(),
            stuck ? thread + " was stuck in it" : thread + " had long been at it at the end",
            blamed.stack());
      }
    }
  }

  private void suspect(List<JournalRecord.Pending> trial) {
    if (trial.isEmpty()) {
      return;
    }
    boolean machine = last.kind() == LastEnd.Kind.MACHINE;
    int halves = machine ? Suspicion.MACHINE_HALVES : Suspicion.ABNORMAL_HALVES;
    boolean alone = trial.size() == 1;
    for (JournalRecord.Pending entry : trial) {
      Suspicion more = entry.suspicion().onEnd(book.life(), halves, alone, near(entry));
      book.apply(entry.with(more));
      if (alone && more.guilty()) {
        convict(
            entry.hash(),
            Stage.PUBLISH,
            "the process ended abnormally whenever this alone was new: after "
                + more.ends().size()
                + " ends",
            "");
      }
    }
    notes.add(
        (machine ? "the machine restarted" : "the process before ended abnormally")
            + " while so many entries were not stable: "
            + trial.size()
            + "; so many "
            + "are to be tried: "
            + book.suspectCount());
  }

  private boolean near(JournalRecord.Pending entry) {
    return last.blamed().stream()
        .anyMatch(blamed ->
            blamed.entry().isNone()
                ? Hosts.name(entry.hosts(), blamed.host())
                : blamed.entry().equals(entry.hash()));
  }

  private void convict(ContentHash hash, Stage stage, String reason, String detail) {
    JournalRecord.Pending entry = book.known(hash);
    JournalRecord.Quarantined known = book.quarantined(hash);
    Entity.Key key =
        known != null ? known.key() : entry != null ? entry.key() : book.unproven(hash);
    Entity previous = known != null ? known.previous() : entry == null ? null : entry.previous();
    Set<Long> ends = new HashSet<>(entry == null ? List.of() : entry.suspicion().ends());
    ends.add(book.life());
    QuarantineEntry out =
        new QuarantineEntry(
            hash,
            key == null ? "" : RowCodec.table(key).label(),
            key == null ? "" : RowName.of(key),
            stage,
            reason,
            detail,
            nowMillis,
            nowMillis + limits.quarantine().toMillis(),
            previous != null);
    book.apply(new JournalRecord.Quarantined(out, key, previous, false));
    notes.add("quarantined " + hash + (out.key().isEmpty() ? "" : " (" + out.key() + ")"));
    for (JournalRecord.Pending other : book.cleared(ends)) {
      book.apply(other.with(Suspicion.NONE));
    }
  }
}
