package anycast.routing.admission;

import anycast.routing.feed.Moment;
import java.time.Duration;

/// What of a bulk may be in force. Where processes ended with more new entries than are journaled
/// one by one, these come part by part, and each part is journaled and tried like any entries.
///
/// An entry's hash says in which part it is, so nothing is remembered of those that wait. A million
/// are in force after 17 soaks.
///
/// **Threading.** Its owner's.
final class Parts {
  /// Entries of a part: chance needs room, here 16 standard deviations.
  static final int SIZE = Ledger.MAX_PENDING / 16 * 15;

  private final Book book;
  private final Soak soak;
  private final long soakNanos;
  private long openedNanos;

  /// Zero where there is no bulk, or nothing speaks against it.
  private long count;

  private long open = 1;

  /// @param length of a soak
  Parts(Book book, Soak soak, Duration length, Moment now) {
    this.book = book;
    this.soak = soak;
    soakNanos = length.toNanos();
    openedNanos = now.nanos();
    if (book.bulk().doubtful()) {
      count = Math.ceilDiv(book.bulk().entries(), SIZE);
    }
  }

  /// Whether entries wait for their part.
  boolean areOn() {
    return count > 0;
  }

  boolean isOpen(ContentHash hash) {
    return count == 0 || Long.remainderUnsigned(hash.high(), count) < open;
  }

  /// Once a second. A part comes when the one before has proven itself; the turns' patience is this
  /// one's, too.
  ///
  /// @param trying whether suspects are tried
  /// @return whether there is one more, or nothing waits any longer
  boolean opens(boolean trying, Moment now) {
    long since = now.nanos() - openedNanos;
    boolean quiet = book.isQuiet() || since >= Turns.PATIENCE_SOAKS * soakNanos;
    boolean ready = quiet && !trying && soak.wellForNanos(now) >= soakNanos;
    if (count == 0 || !ready && since < Turns.WAIT_SOAKS * soakNanos) {
      return false;
    }
    openedNanos = now.nanos();
    open++;
    if (open > count) {
      count = 0;
    }
    return true;
  }
}
