package anycast.routing.admission;

import java.util.List;

/// What a ledger looked like a moment ago.
///
/// @param quarantined entries that are kept out and not superseded, oldest first
/// @param held changes that wait, the oldest first; at most [Ledger#SHOWN]
/// @param heldCount how many wait in all
/// @param pending entries in force that are not stable yet and are journaled one by one
/// @param bulk entries in force that are not stable yet and are not: whoever saves the table now
///   makes them look proven to the next start
/// @param suspects entries that wait or are tried because the process before ended with them
/// @param journal what is wrong with the journal, in a sentence; empty = nothing
/// @param journalFailures writings of it that failed since the ledger was opened
/// @param notes what was found when it was opened, in sentences: how the process before ended, what
///   was suspected, what could not be read
public record LedgerView(
    List<QuarantineEntry> quarantined,
    List<HeldEntry> held,
    int heldCount,
    int pending,
    long bulk,
    int suspects,
    String journal,
    long journalFailures,
    List<String> notes) {
  public LedgerView {
    quarantined = List.copyOf(quarantined);
    held = List.copyOf(held);
    notes = List.copyOf(notes);
  }
}
