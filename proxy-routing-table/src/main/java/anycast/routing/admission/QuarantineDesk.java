package anycast.routing.admission;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an operator sees of admission, and the one thing that he may do.
///
/// **Threading.** For any thread but an event loop. Reads what the writer published and waits for
/// nobody: the operator asks because something hangs. [#release] leaves a step to the writer and
/// returns.
public interface QuarantineDesk {
  /// Of a process that admits everything.
  QuarantineDesk NONE =
      new QuarantineDesk() {
        @Override
        public List<QuarantineEntry> entries() {
          return List.of();
        }

        @Override
        public List<HeldEntry> held() {
          return List.of();
        }

        @Override
        public Optional<String> document(ContentHash hash) {
          return Optional.empty();
        }

        @Override
        public boolean release(ContentHash hash) {
          return false;
        }

        @Override
        public Tally tally() {
          return Tally.NONE;
        }
      };

  /// What is kept out, in any order.
  List<QuarantineEntry> entries();

  /// What waits for its turn, in any order; perhaps not all of it, [Tally#held] counts it.
  List<HeldEntry> held();

  /// Whether something waits because nobody knows what ended the process before: less is in force
  /// than was.
  default boolean isTrying() {
    return held().stream()
        .anyMatch(each -> each.why() == Verdict.Why.SUSPECT || each.why() == Verdict.Why.TRIAL);
  }

  /// What an entry of one of these lists says, as its source writes it: of a virtual service the
  /// document, of another row its columns. Secrets are left out.
  ///
  /// @return empty where it is not known any more
  Optional<String> document(ContentHash hash);

  /// Lets the entry be tried again: the writer's next turn compiles, rehearses and soaks it like a
  /// new one, with no score. A version of the row that has replaced it meanwhile is not touched.
  ///
  /// @return false where no such entry is quarantined
  boolean release(ContentHash hash);

  /// What is counted.
  Tally tally();

  /// Counts since the start.
  ///
  /// @param rejected entries that were quarantined, by the stage where they did harm
  /// @param abandonedThreads compilers that were left behind with an entry that did not end
  /// @param journalFailures writes of the journal or the quarantine that failed
  /// @param held how many entries wait
  /// @param unstable entries in force that have not soaked yet
  /// @param suspects entries with which the process before ended: they wait for their trial, or are
  ///   in it
  /// @param journal what is wrong with the journal, in a sentence; empty = nothing, or no directory
  ///   is configured
  /// @param notes what was found at the start, in sentences: how the process before ended, what was
  ///   suspected
  record Tally(
      Map<Stage, Long> rejected,
      long abandonedThreads,
      long journalFailures,
      int held,
      int unstable,
      int suspects,
      String journal,
      List<String> notes) {
    /// Nothing has happened.
    public static final Tally NONE = new Tally(Map.of(), 0, 0, 0, 0, 0, "", List.of());

    public Tally {
      rejected = Map.copyOf(rejected);
      notes = List.copyOf(notes);
    }
  }
}
