package anycast.drill;

import anycast.demo.FleetFault;
import anycast.routing.model.rule.Poison;
import anycast.routing.time.Ticker;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A process that is stopped, so that nothing in it can notice; then loops that wait and spin for
/// ever.
///
/// **Threading.** One thread.
final class StallDrill {
  /// The supervisor's patience, and the time that a start takes.
  private static final Duration TARGET = Duration.ofSeconds(12);

  private static final Duration SETTLED = Duration.ofSeconds(5);

  private final Operator operator;
  private final Ward ward;
  private final Findings findings;
  private final PrintStream out;

  private StallDrill(Operator operator, Ward ward, PrintStream out) {
    this.operator = operator;
    this.ward = ward;
    this.out = out;
    this.findings = new Findings(out);
  }

  /// @return whether all went well
  static boolean run(Operator operator, Path dir, int rate, PrintStream out)
      throws FleetFault, InterruptedException {
    Ward ward = new Ward(operator, rate, Ticker.system(), out);
    StallDrill drill = new StallDrill(operator, ward, out);
    ward.open();
    boolean looped;
    try {
      drill.stopped(operator.edges().getLast());
      List<PoisonResult> loops =
          new PoisonDrill(operator, dir, ward, out)
              .each(List.of(inALoop(Poison.Kind.HANG), inALoop(Poison.Kind.SPIN)));
      looped = PoisonResult.tell(loops, ward.watch(), out);
    } finally {
      ward.close();
    }
    return drill.findings.verdict("the stopped process was found and started anew") && looped;
  }

  private static PoisonCase inALoop(Poison.Kind kind) {
    return new PoisonCase(new Poison(kind, Poison.At.REQUEST), PoisonCase.Way.CHANGE, false);
  }

  private void stopped(Operator.Edge edge) throws FleetFault, InterruptedException {
    out.println();
    out.println("== " + edge.name() + " is stopped by a signal");
    ward.hold("before", Duration.ofSeconds(2));
    ward.settle();
    ward.step("stopped");
    long stoppedNanos = ward.nowNanos();
    operator.signal("STOP", ward.watch().pid(edge.name()), edge.name());
    operator.await(edge.name() + " ends", () -> ward.patient().ended(edge.name(), stoppedNanos));
    findings.say(
        "ended after %.1f s: %s"
            .formatted((ward.nowNanos() - stoppedNanos) / 1e9, ward.patient().lastEnd(edge)));
    ward.patient().awaitServing(edge);
    long healedNanos = ward.nowNanos() - stoppedNanos;
    findings.say("served after %.1f s".formatted(healedNanos / 1e9));
    if (healedNanos > TARGET.toNanos()) {
      findings.problem("it took longer than " + TARGET.toSeconds() + " s");
    }
    ward.hold("started anew", SETTLED);
    List<Watch.Death> deaths = ward.watch().deaths(stoppedNanos);
    findings.deaths(deaths, List.of(edge.name()));
    findings.failures(ward.failed().size(), ward.unexplained(deaths));
    findings.late(ward.watch().late(stoppedNanos));
  }
}
