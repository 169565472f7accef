package anycast.routing.admission;

import java.util.List;

/// What a ledger looked like a moment ago.
///
/// @param quarantined entries that are kept out and not superseded, oldest first
/// @param held changes that wait, the oldest first; at most [Ledger#SHOWN]
/// @param heldCount how many wait in all
/// @param pending entries in force that are not stable yet
/// @param suspects entries that wait or are tried because the process before ended with them
/// @param journal what is wrong with the journal, in a sentence; empty = nothing
/// @param notes what was found when it was opened, in sentences: how the process before ended, what
///   was suspected, what could not be read
public record LedgerView(
    List<QuarantineEntry> quarantined,
    List<HeldEntry> held,
    int heldCount,
    int pending,
    int suspects,
    String journal,
    List<String> notes,
    Counts counts) {
  public LedgerView {
    quarantined = List.copyOf(quarantined);
    held = List.copyOf(held);
    notes = List.copyOf(notes);
  }

  /// Counted since the ledger was opened.
  ///
  /// @param admitted risky entries that were journaled and put in force
  /// @param stable those that proved themselves
  /// @param bulk risky entries put in force without being journaled one by one
  /// @param quarantined entries that were put in quarantine, at the start too
  /// @param released by an operator
  /// @param superseded by a new version of their row
  /// @param expired whose time in quarantine was over
  /// @param notHeld changes that went at once because too many waited
  /// @param journalFailures writings of the journal that failed
  public record Counts(
      long admitted,
      long stable,
      long bulk,
      long quarantined,
      long released,
      long superseded,
      long expired,
      long notHeld,
      long journalFailures) {}
}
