package anycast.backhaul.runtime;

import anycast.routing.admission.QuarantineDesk;
import anycast.routing.admission.Stage;
import java.util.Locale;
import java.util.Map;

/// What `/metrics` says of what is kept out of force.
///
/// **Threading.** Bound at start; read on admin threads.
final class QuarantineMetrics {
  private QuarantineMetrics() {}

  /// Adds the desk's numbers to `counters`.
  static void bind(QuarantineDesk desk, Counters counters) {
    counters.gauge(
        "quarantine.entries",
        "Entries of state that are kept out because they did harm; proxyctl quarantine list names"
            + " them.",
        () -> desk.entries().size());
    counters.gauge(
        "admission.held",
        "Entries that wait: suspects for their trial, changes of rules for their wave.",
        () -> desk.tally().held());
    counters.gauge(
        "admission.unstable",
        "Entries in force that have not soaked yet: they would be suspects of a crash.",
        () -> desk.tally().unstable());
    counters.gauge(
        "admission.suspects",
        "Entries with which the process before ended: they wait for their trial, or are in it.",
        () -> desk.tally().suspects());
    counters.counter(
        "admission.abandoned.threads",
        "Compilers left behind with an entry that did not end; each may hold a CPU and memory until"
            + " the process is restarted.",
        Map.of(),
        () -> desk.tally().abandonedThreads());
    counters.counter(
        "admission.journal.failures",
        "Writes of the journal or the quarantine that failed: a restart would not know what was"
            + " applied before it.",
        Map.of(),
        () -> desk.tally().journalFailures());
    for (Stage stage : Stage.values()) {
      if (stage != Stage.IDLE) {
        counters.counter(
            "admission.rejected",
            "Entries that were put in quarantine, by the stage where they did harm.",
            Map.of("stage", stage.name().toLowerCase(Locale.ROOT)),
            () -> desk.tally().rejected().getOrDefault(stage, 0L));
      }
    }
  }
}
