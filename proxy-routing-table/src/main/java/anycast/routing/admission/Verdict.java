package anycast.routing.admission;

import anycast.routing.model.Entity;
import java.util.Optional;

/// What is to become of one change.
///
/// Where a previous version is named, it is the last one known to do no harm; it is to be put in
/// force where nothing of its key is. A virtual service among them may come from the journal: its
/// document is to be read again.
public sealed interface Verdict {
  /// It reaches no code path that depends on its content, says what is in force or was stable
  /// already, or takes something away: it goes at once. [Ledger#intent] is told of it all the same.
  record Free() implements Verdict {}

  /// It may be compiled and rehearsed, then [Ledger#intent], then put in force.
  record Admit() implements Verdict {}

  /// It waits in the ledger, which gives it out in [Ledger#due] when its turn has come.
  record Hold(Why why, Optional<Entity> previous) implements Verdict {}

  /// It stays out.
  record Quarantined(Optional<Entity> previous) implements Verdict {}

  /// Why a change waits.
  enum Why {
    /// It was not stable when the process before ended, and nobody knows what ended it.
    SUSPECT,
    /// Suspects are being tried; nothing else may be new meanwhile, or the trial tells nothing.
    TRIAL,
    /// It came with more than can be tried at once, processes ended with them, and another part of
    /// them is tried.
    PART,
    /// Other instances take it first.
    SECOND_WAVE,
    /// Another instance keeps it out, before it came or while it waited here.
    REJECTED,
    /// Versions of its row did harm in force, one after the other: each further one waits longer.
    REPEATED,
    /// So many compilers were given up and have not ended that nothing more is risked. No ledger's
    /// verdict.
    COMPILER
  }
}
