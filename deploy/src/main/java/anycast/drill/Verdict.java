package anycast.drill;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the drill came to.
///
/// @param failed failed requests by label
/// @param named failures that should not have been
record Verdict(
    Map<String, Integer> failed,
    List<Tally.Failure> named,
    boolean untouchedWell,
    boolean garbledWell) {
  private static final int MAX_NAMED = 20;

  /// @param untouched labels that nothing was done to: none of their requests may fail
  /// @param garbled the label whose row was garbled: it should go on with the row before
  static Verdict of(List<Tally.Failure> failures, List<String> untouched, String garbled) {
    Map<String, Integer> failed = new TreeMap<>();
    failures.forEach(failure -> failed.merge(failure.label(), 1, Integer::sum));
    return new Verdict(
        failed,
        failures.stream()
            .filter(f -> untouched.contains(f.label()) || f.label().equals(garbled))
            .toList(),
        untouched.stream().noneMatch(failed::containsKey),
        !failed.containsKey(garbled));
  }

  /// @return whether no request to an untouched app failed
  boolean tell(long requests, PrintStream out) {
    out.println();
    out.printf("%d requests; failed by app: %s%n", requests, failed);
    named.stream()
        .limit(MAX_NAMED)
        .forEach(failure ->
            out.printf(
                "  second %d, %s: %s %s%n",
                failure.second(), failure.step(), failure.label(), failure.how()));
    out.println(
        garbledWell
            ? "the app whose only instance was garbled answered all along: its row before serves"
            : "requests to the app whose only instance was garbled failed");
    out.println(
        untouchedWell
            ? "VERDICT: no request to an untouched app failed"
            : "VERDICT: requests to untouched apps FAILED");
    return untouchedWell;
  }
}
