package anycast.routing.admission;

/// Counts of a ledger since it was opened; see [LedgerView.Counts].
final class Tally {
  long admitted;
  long stable;
  long bulk;
  long quarantined;
  long released;
  long superseded;
  long expired;
  long notHeld;
  long journalFailures;

  LedgerView.Counts counts() {
    return new LedgerView.Counts(
        admitted,
        stable,
        bulk,
        quarantined,
        released,
        superseded,
        expired,
        notHeld,
        journalFailures);
  }
}
