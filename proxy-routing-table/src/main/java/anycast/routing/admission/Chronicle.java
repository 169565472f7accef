package anycast.routing.admission;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Moment;
import anycast.routing.model.NodeId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The book with its journal: what changes the one is written to the other. A journal that fails
/// costs no admission, only the memory of it: it is written anew when the disk works again.
///
/// **Threading.** Its owner's.
final class Chronicle {
  private static final Logger LOG = LoggerFactory.getLogger(Chronicle.class);
  private static final long RETRY_NANOS = Duration.ofSeconds(30).toNanos();

  private final Journal journal;
  private final Book book;
  private final List<String> notes = new ArrayList<>();

  /// Empty where nothing is wrong.
  private String problem = "";

  private long failures;
  private long triedNanos;

  Chronicle(Journal journal, Book book) {
    this.journal = journal;
    this.book = book;
  }

  /// Reads the journal, holds the inquest, and begins the next life. Until its result is durable
  /// the journal before stands, so that a process that ends here is followed by the same inquest.
  void open(LastEnd last, AdmissionLimits limits, NodeId self, Moment now) {
    journal.read(book::apply, notes);
    NodeId other = book.disown(self);
    if (other != null) {
      notes.add(
          "the journal is " + other + "'s: what it keeps out stays out, the rest is forgotten");
    }
    Inquest inquest = new Inquest(book, last, limits, now.millis());
    inquest.hold();
    notes.addAll(inquest.notes());
    book.apply(new JournalRecord.Start(book.life() + 1, now.millis()));
    book.apply(new JournalRecord.Of(self));
    begin(now);
    notes.forEach(note -> LOG.warn("admission: {}", Legible.text(note)));
  }

  /// @param durable whether a crash of the machine must not undo it
  void write(List<? extends JournalRecord> records, boolean durable, Moment now) {
    if (records.isEmpty()) {
      return;
    }
    records.forEach(book::apply);
    if (!journal.isOpen()) {
      return;
    }
    try {
      journal.append(records, durable);
    } catch (IOException e) {
      failed(e, now);
      return;
    }
    if (journal.isLong()) {
      begin(now);
    }
  }

  /// Writes a journal that failed anew, when it is time to try; also one whose file was taken away,
  /// which goes on to take what nobody will ever read.
  void mend(Moment now) {
    if (now.nanos() - triedNanos < RETRY_NANOS) {
      return;
    }
    triedNanos = now.nanos();
    if (!journal.isOpen() || !journal.isThere()) {
      begin(now);
    }
  }

  private void begin(Moment now) {
    triedNanos = now.nanos();
    try {
      journal.begin(book.records(now.millis()));
      if (!problem.isEmpty()) {
        LOG.info("the journal of admission is written again");
      }
      problem = "";
    } catch (IOException e) {
      failed(e, now);
    }
  }

  private void failed(IOException cause, Moment now) {
    triedNanos = now.nanos();
    failures++;
    if (problem.isEmpty()) {
      LOG.warn(
          "updates are admitted without a journal, a restart forgets what they did: {}",
          Legible.text(Journal.reason(cause)));
    }
    problem = "not written: " + Legible.text(Journal.reason(cause));
  }

  String problem() {
    return problem;
  }

  /// Writings that failed since it was opened.
  long failures() {
    return failures;
  }

  List<String> notes() {
    return notes;
  }

  /// The process stops in order.
  void close() {
    if (!journal.isOpen()) {
      return;
    }
    try {
      journal.append(List.of(new JournalRecord.Orderly()), true);
      journal.close();
    } catch (IOException e) {
      LOG.warn("the end of the journal was not written: {}", Legible.text(Journal.reason(e)));
    }
  }
}
