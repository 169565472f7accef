package anycast.drill;

import java.io.PrintStream;
import java.util.List;

/// What one poison came to.
///
/// @param healedMillis until the last edge that it struck served again; -1 = it did not
/// @param restarts of all processes
/// @param failed requests of apps that it does not name
/// @param problems what should not have been
record PoisonResult(
    PoisonCase poisoned, long healedMillis, int restarts, int failed, List<String> problems) {
  PoisonResult {
    problems = List.copyOf(problems);
  }

  /// @return whether all went well
  static boolean tell(List<PoisonResult> results, Watch watch, PrintStream out) {
    out.println();
    out.printf("%-48s %-9s %-9s %-7s %s%n", "POISON", "HEALED", "RESTARTS", "FAILED", "PROBLEMS");
    int problems = 0;
    for (PoisonResult result : results) {
      String healed =
          result.healedMillis < 0 ? "never" : "%.1f s".formatted(result.healedMillis / 1000.0);
      out.printf(
          "%-48s %-9s %-9d %-7d %s%n",
          result.poisoned,
          healed,
          result.restarts,
          result.failed,
          result.problems.isEmpty() ? "-" : String.join("; ", result.problems));
      problems += result.problems.size();
    }
    out.printf(
        "%noperators asked %d times; for a proxy that was not there the supervisor answered %d"
            + " times%n",
        watch.asked(), watch.answeredBySupervisor());
    out.printf(
        "VERDICT: %s%n",
        problems == 0
            ? "each poison healed by itself, once, and stays out"
            : problems + " things were NOT as they should be");
    return problems == 0;
  }
}
