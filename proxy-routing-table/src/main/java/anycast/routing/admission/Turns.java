package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.table.Change;
import java.util.ArrayList;
import java.util.List;

/// Whose turn it is among the changes that wait: suspects first, since a trial tells something only
/// while nothing else is new; then the second wave, and what waited for the trials' end.
///
/// **Threading.** Its owner's.
final class Turns {
  /// Instances that come do not wait, so a fleet that never rests would put trials off for ever:
  /// after so many soaks a trial begins beside them. It may clear, but convicts nobody then.
  static final int PATIENCE_SOAKS = 3;

  /// What waits for the end of trials does not wait for ever: a process that is never well would
  /// take no rule any more. Twice the trials of 512 suspects.
  static final int WAIT_SOAKS = 20;

  private final AdmissionLimits limits;
  private final Book book;
  private final Soak soak;
  private final Waiting waiting;
  private final Wave wave;
  private boolean trying;
  private long tryingNanos;

  Turns(AdmissionLimits limits, Book book, Soak soak, Waiting waiting, Wave wave) {
    this.limits = limits;
    this.book = book;
    this.soak = soak;
    this.waiting = waiting;
    this.wave = wave;
  }

  /// Whether suspects are tried or wait for it; as of the last look.
  boolean trying() {
    return trying;
  }

  /// A suspect waits.
  void onSuspect(Moment now) {
    if (!trying) {
      trying = true;
      tryingNanos = now.nanos();
    }
  }

  /// Whether there are suspects that can be tried.
  void look(Moment now) {
    boolean any =
        book.suspectCount() > 0
            && book.allSuspects().stream()
                .anyMatch(entry -> entry.onTrial() || waiting.has(entry.key(), entry.hash()));
    if (any) {
      onSuspect(now);
    } else {
      trying = false;
    }
  }

  /// What leaves the waiting room now.
  List<Change> due(Moment now) {
    look(now);
    return trying ? trial(now) : fresh(now, false);
  }

  private List<Change> trial(Moment now) {
    long soakNanos = limits.soak().toNanos();
    List<JournalRecord.Pending> suspects = book.allSuspects();
    boolean quiet = book.isQuiet() || now.nanos() - tryingNanos >= PATIENCE_SOAKS * soakNanos;
    if (!quiet
        || suspects.stream().anyMatch(JournalRecord.Pending::onTrial)
        || soak.wellForNanos(now) < soakNanos) {
      return fresh(now, true);
    }
    List<JournalRecord.Pending> able =
        suspects.stream().filter(entry -> waiting.has(entry.key(), entry.hash())).toList();
    List<Change> due = new ArrayList<>();
    for (JournalRecord.Pending entry : Trials.next(able)) {
      due.add(waiting.remove(entry.key()).change());
    }
    tryingNanos = now.nanos();
    return due;
  }

  /// @param late whether only what waited very long may go
  private List<Change> fresh(Moment now, boolean late) {
    long waits = late ? WAIT_SOAKS * limits.soak().toNanos() : 0;
    List<Change> due = new ArrayList<>();
    for (Waiting.Held held : waiting.all()) {
      if (now.nanos() - held.since().nanos() >= waits
          && held.why() != null
          && held.why() != Verdict.Why.SUSPECT
          && isDue(held, now)) {
        due.add(waiting.remove(held.change().key()).change());
      }
    }
    return due;
  }

  private boolean isDue(Waiting.Held held, Moment now) {
    boolean over = now.nanos() - held.dueNanos() >= 0;
    boolean first = Risk.of(held.change().entity(), null) != Risk.RULE || wave.first(held.hash());
    return held.why() == Verdict.Why.REPEATED && first
        ? over
        : first || over && waiting.rejected(held, now).isEmpty();
  }
}
