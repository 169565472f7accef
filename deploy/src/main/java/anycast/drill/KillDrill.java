package anycast.drill;

import anycast.demo.FleetFault;
import anycast.demo.Supervised;
import anycast.routing.time.Ticker;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Edges and workers are killed one after the other, again and again, without a warning: whoever
/// was not on its way through one may feel a pause and nothing else.
///
/// **Threading.** One thread.
final class KillDrill {
  /// From one process that is back to the end of the next one: clients of the one before have had
  /// their answers.
  private static final Duration REST = Duration.ofSeconds(2);

  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final Operator operator;
  private final Ward ward;
  private final Findings findings;

  /// How long each was away, by process.
  private final Map<String, List<Long>> awayNanos = new TreeMap<>();

  private KillDrill(Operator operator, Ward ward, PrintStream out) {
    this.operator = operator;
    this.ward = ward;
    this.findings = new Findings(out);
  }

  /// @param times that an edge is killed, and a worker
  /// @return whether all went well
  static boolean run(Operator operator, int times, int rate, PrintStream out)
      throws FleetFault, InterruptedException {
    Ward ward = new Ward(operator, rate, Ticker.system(), out);
    KillDrill drill = new KillDrill(operator, ward, out);
    List<String> edges = operator.edges().stream().map(Operator.Edge::name).toList();
    List<String> workers =
        operator.sockets().keySet().stream()
            .filter(name -> !edges.contains(name))
            .sorted()
            .toList();
    ward.open();
    try {
      ward.hold("before", REST);
      ward.settle();
      for (int i = 0; i < times; i++) {
        drill.kill(edges.get(i % edges.size()));
        drill.kill(workers.get(i % workers.size()));
      }
    } finally {
      ward.close();
    }
    drill.tell();
    return drill.findings.verdict("no request failed that was not on its way through who died");
  }

  private void kill(String process) throws FleetFault, InterruptedException {
    ward.step("kill " + process);
    Supervised supervisor = operator.supervisor();
    long pid = ward.watch().pid(process);
    long killedNanos = ward.nowNanos();
    operator.signal("KILL", pid, process);
    operator.await(
        process + " is back",
        () -> {
          Supervised.Service now = supervisor.service(process, LIMIT);
          return now.pid() != pid && now.state().equals("ready");
        });
    awayNanos.computeIfAbsent(process, _ -> new ArrayList<>()).add(ward.nowNanos() - killedNanos);
    ward.hold("rest", REST);
  }

  private void tell() {
    List<Watch.Death> deaths = ward.watch().deaths(0);
    List<OpenLoop.Sent> failed = ward.failed();
    awayNanos.forEach((process, away) -> {
      List<Watch.Death> own =
          deaths.stream().filter(death -> death.process().equals(process)).toList();
      List<OpenLoop.Sent> others = ward.unexplained(own);
      findings.say(
          "%-12s killed %2d times, back after %.1f s at most; on their way through it: %s"
              .formatted(
                  process,
                  away.size(),
                  away.stream().max(Long::compare).orElseThrow() / 1e9,
                  hows(failed.stream().filter(sent -> !others.contains(sent)).toList())));
    });
    List<OpenLoop.Sent> unexplained = ward.unexplained(deaths);
    findings.say("without a reason: " + hows(unexplained));
    findings.failures(failed.size(), unexplained);
  }

  /// Counts of what went wrong.
  private static Map<String, Integer> hows(List<OpenLoop.Sent> failed) {
    Map<String, Integer> hows = new TreeMap<>();
    failed.forEach(sent -> hows.merge(sent.how(), 1, Integer::sum));
    return hows;
  }
}
