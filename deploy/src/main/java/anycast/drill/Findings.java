package anycast.drill;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What should not have been, said at once and counted for the verdict.
///
/// **Threading.** One thread.
final class Findings {
  private static final int SHOWN = 10;

  private final PrintStream out;
  private final List<String> problems = new ArrayList<>();

  Findings(PrintStream out) {
    this.out = out;
  }

  void say(String line) {
    out.println("  " + line);
  }

  void problem(String what) {
    problems.add(what);
    say("PROBLEM: " + what);
  }

  /// @param what should be so, in words
  void expect(boolean held, String what) {
    if (held) {
      say(what);
    } else {
      problem("NOT: " + what);
    }
  }

  List<String> problems() {
    return List.copyOf(problems);
  }

  /// @param allowed processes that may have ended, once each
  void deaths(List<Watch.Death> deaths, List<String> allowed) {
    Map<String, Integer> each = new TreeMap<>();
    deaths.forEach(death -> each.merge(death.process(), 1, Integer::sum));
    each.forEach((process, count) -> {
      if (!allowed.contains(process)) {
        problem(process + " ended, and need not have");
      } else if (count > 1) {
        problem(process + " ended " + count + " times");
      }
    });
  }

  /// @param unexplained failed requests that no process took with it
  void failures(int all, List<OpenLoop.Sent> unexplained) {
    say(all + " requests failed, " + unexplained.size() + " of them without a reason");
    unexplained.stream()
        .limit(SHOWN)
        .forEach(sent ->
            say(
                "  %s at %s during '%s': %s after %d ms"
                    .formatted(
                        sent.target().host(),
                        sent.target().edge(),
                        sent.step(),
                        sent.how(),
                        (sent.endedNanos() - sent.beganNanos()) / 1_000_000)));
    if (!unexplained.isEmpty()) {
      problem(unexplained.size() + " requests failed that no process took with it");
    }
  }

  void late(List<Watch.Late> late) {
    late.stream()
        .limit(SHOWN)
        .forEach(one ->
            say(
                one.tookNanos() < 0
                    ? one.socket() + " did not answer an operator"
                    : "%s answered an operator after %d ms"
                        .formatted(one.socket(), one.tookNanos() / 1_000_000)));
    if (!late.isEmpty()) {
      problem(late.size() + " answers to operators came late or never");
    }
  }

  /// @param well what is to be said where there is no problem
  boolean verdict(String well) {
    out.printf(
        "%nVERDICT: %s%n",
        problems.isEmpty() ? well : problems.size() + " things were NOT as they should be");
    return problems.isEmpty();
  }
}
