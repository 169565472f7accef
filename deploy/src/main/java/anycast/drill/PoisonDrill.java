package anycast.drill;

import anycast.demo.FleetFault;
import anycast.demo.FleetIdentities;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.rule.Poison;
import anycast.routing.time.Ticker;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Rows that lock, hang, throw, exhaust memory and spin are written into the fleet's state, in
/// every way that they can come in.
///
/// **Threading.** One thread.
final class PoisonDrill {
  /// From the stroke until the process that it ended serves again.
  private static final Duration TARGET = Duration.ofSeconds(8);

  /// A second stroke would come within the time that the first took.
  private static final Duration SETTLED = Duration.ofSeconds(6);

  private static final int STACK_LINES = 12;

  /// Where built-in faults do harm.
  private static final String STRIKE = "anycast.routing.poison.Strike";

  /// The thread, in a dump or in the flight recorder's words.
  private static final String RECORDED = "loop-";

  private static final String ENDLESS = "the thread did not answer";

  /// Requests that follow it: a rule that throws is taken back at the third.
  private static final int FOLLOWERS = 3;

  /// Seconds of some days.
  private static final int RUNS = 1_000_000;

  private final Operator operator;
  private final Ward ward;
  private final Patient patient;
  private final PrintStream out;
  private final PoisonRows rows;

  /// A part of all names: what one drill has written is known by its content in the next, and out.
  private final long run;

  PoisonDrill(Operator operator, Path dir, Ward ward, PrintStream out) throws FleetFault {
    this.operator = operator;
    this.ward = ward;
    this.patient = ward.patient();
    this.out = out;
    long nowMillis = InstantSource.system().millis();
    this.run = nowMillis / 1000 % RUNS;
    this.rows = new PoisonRows(new FleetIdentities(dir, InstantSource.system()), nowMillis);
  }

  /// The whole drill.
  ///
  /// @return whether all went well
  static boolean run(Operator operator, Path dir, List<PoisonCase> cases, int rate, PrintStream out)
      throws FleetFault, InterruptedException {
    Ward ward = new Ward(operator, rate, Ticker.system(), out);
    return PoisonResult.tell(results(operator, dir, cases, ward, out), ward.watch(), out);
  }

  static List<PoisonResult> results(
      Operator operator, Path dir, List<PoisonCase> cases, Ward ward, PrintStream out)
      throws FleetFault, InterruptedException {
    PoisonDrill drill = new PoisonDrill(operator, dir, ward, out);
    ward.open();
    try {
      return drill.each(cases);
    } finally {
      ward.close();
    }
  }

  /// One after the other, on a ward that is open.
  List<PoisonResult> each(List<PoisonCase> cases) throws FleetFault, InterruptedException {
    operator.write(List.of(PoisonRows.removalOfAll(), rows.certificate()));
    List<PoisonResult> results = new ArrayList<>();
    for (PoisonCase one : cases) {
      results.add(one(one, "p" + run + "-" + (results.size() + 1)));
    }
    return results;
  }

  private PoisonResult one(PoisonCase poisoned, String name)
      throws FleetFault, InterruptedException {
    out.println();
    out.println("== " + poisoned);
    ward.step(name + " good");
    operator.write(List.of(rows.good(name, "1")));
    for (Operator.Edge edge : operator.edges()) {
      patient.awaitVersion(edge, name, "1");
      patient.awaitStable(edge);
    }
    ward.settle();
    Findings findings = new Findings(out);
    long healedNanos = -1;
    long beganNanos = ward.nowNanos();
    try {
      ward.step(name + " poisoned");
      long struckNanos = strike(poisoned, name, findings);
      healedNanos = heal(poisoned, name, struckNanos, findings);
      ward.hold(name + " healed", SETTLED);
    } catch (FleetFault e) {
      findings.problem(e.getMessage());
    }
    List<Watch.Death> deaths = ward.watch().deaths(beganNanos);
    int failed = ward.failed().size();
    findings.deaths(unasked(poisoned, deaths), mayEnd(poisoned));
    findings.failures(failed, ward.unexplained(deaths));
    findings.late(ward.watch().late(beganNanos));
    ward.step(name + " removed");
    operator.write(List.of(PoisonRows.removal(name)));
    for (Operator.Edge edge : operator.edges()) {
      patient.awaitRule(edge, name, null);
    }
    return new PoisonResult(
        poisoned, healedNanos / 1_000_000, deaths.size(), failed, findings.problems());
  }

  /// Without the end that the drill itself brought about.
  private List<Watch.Death> unasked(PoisonCase poisoned, List<Watch.Death> deaths) {
    boolean stopped =
        poisoned.way() == PoisonCase.Way.START || poisoned.way() == PoisonCase.Way.LAST_GOOD;
    String first = operator.edges().getFirst().name();
    List<Watch.Death> unasked = new ArrayList<>(deaths);
    if (stopped) {
      unasked.stream()
          .filter(death -> death.process().equals(first))
          .findFirst()
          .ifPresent(unasked::remove);
    }
    return unasked;
  }

  /// @return when the poison struck
  private long strike(PoisonCase poisoned, String name, Findings findings)
      throws FleetFault, InterruptedException {
    long beganNanos = bring(poisoned, name);
    if (!poisoned.byRequest()) {
      return beganNanos;
    }
    Operator.Edge first = operator.edges().getFirst();
    for (Operator.Edge edge : operator.edges()) {
      patient.awaitRule(edge, name, "poisoned");
    }
    if (poisoned.way() == PoisonCase.Way.LAST_GOOD) {
      patient.awaitStable(first);
      ward.stop(first);
      ward.start(first);
      patient.awaitServing(first);
      patient.awaitRule(first, name, "poisoned");
    }
    long struckNanos = ward.nowNanos();
    for (Operator.Edge edge : struck(poisoned)) {
      int followers = poisoned.mustEnd() ? 1 : FOLLOWERS;
      findings.say(followers + " requests follow it at " + edge.name());
      for (int i = 0; i < followers; i++) {
        patient.follow(edge, name);
      }
    }
    return struckNanos;
  }

  /// @return when it came
  private long bring(PoisonCase poisoned, String name) throws FleetFault, InterruptedException {
    Operator.Edge first = operator.edges().getFirst();
    Statement row = rows.poisoned(name, poisoned.poison());
    long beganNanos = ward.nowNanos();
    switch (poisoned.way()) {
      case CHANGE -> operator.write(List.of(row));
      case BATCH -> operator.write(rows.batch(name, poisoned.poison()));
      case START -> {
        ward.stop(first);
        operator.write(List.of(row));
        beganNanos = ward.nowNanos();
        ward.start(first);
      }
      case LAST_GOOD -> {
        if (poisoned.byRequest()) {
          operator.write(List.of(row));
        } else {
          ward.stop(first);
          patient.poisonLastGood(first, name, poisoned.poison());
          operator.write(List.of(row));
          beganNanos = ward.nowNanos();
          ward.start(first);
        }
      }
    }
    return beganNanos;
  }

  /// The edges that it strikes.
  private List<Operator.Edge> struck(PoisonCase poisoned) {
    return poisoned.byRequest() && !poisoned.everywhere()
        ? operator.edges().subList(0, 1)
        : operator.edges();
  }

  /// What compiles may be struck where requests do not bring it about: workers, too.
  private List<String> mayEnd(PoisonCase poisoned) {
    if (!poisoned.mayEnd()) {
      return List.of();
    }
    return poisoned.byRequest()
        ? struck(poisoned).stream().map(Operator.Edge::name).toList()
        : List.copyOf(operator.sockets().keySet());
  }

  /// @return the time until the last edge served again
  private long heal(PoisonCase poisoned, String name, long struckNanos, Findings findings)
      throws FleetFault {
    long healedNanos = 0;
    for (Operator.Edge edge : struck(poisoned)) {
      if (poisoned.mustEnd()) {
        operator.await(edge.name() + " ends", () -> patient.ended(edge.name(), struckNanos));
        findings.say(
            "%s ended %.1f s after the stroke: %s"
                .formatted(edge.name(), seconds(struckNanos), patient.lastEnd(edge)));
      }
      patient.awaitServing(edge);
      findings.say(
          "%s serves %.1f s after the stroke".formatted(edge.name(), seconds(struckNanos)));
      healedNanos = ward.nowNanos() - struckNanos;
    }
    if (healedNanos > TARGET.toNanos()) {
      findings.problem("it took longer than " + TARGET.toSeconds() + " s until all served again");
    }
    for (Operator.Edge edge : struck(poisoned)) {
      Patient.Quarantined entry = patient.awaitQuarantined(edge, PoisonRows.key(name));
      findings.say("%s keeps it out: %s".formatted(edge.name(), entry.reason()));
      entry.detail().lines().limit(STACK_LINES).forEach(line -> findings.say("  | " + line));
      if (!entry.detail().contains(sign(poisoned))) {
        findings.problem("the quarantine of " + edge.name() + " does not say where it was stuck");
      }
      patient.awaitVersion(edge, name, "1");
      findings.say(edge.name() + " answers by the version before");
    }
    if (poisoned.way() == PoisonCase.Way.BATCH) {
      awaitBatch(name);
      findings.say("the good ones of the batch are in force");
    }
    return healedNanos;
  }

  /// What stands in a quarantine that says where the harm was done. A JVM has four errors with a
  /// stack ready for when there is no memory; in one that lives on, later ones have none.
  private static String sign(PoisonCase poisoned) {
    if (poisoned.poison().kind() == Poison.Kind.MEMORY) {
      return OutOfMemoryError.class.getName();
    }
    return poisoned.hasStack() ? STRIKE : poisoned.byRequest() ? RECORDED : ENDLESS;
  }

  private double seconds(long sinceNanos) {
    return (ward.nowNanos() - sinceNanos) / 1e9;
  }

  private void awaitBatch(String name) throws FleetFault {
    for (Operator.Edge edge : operator.edges()) {
      for (int i = 0; i < PoisonRows.GOOD_ONES; i += PoisonRows.GOOD_ONES / 5) {
        patient.awaitVersion(edge, name + "-" + i, "batch");
      }
    }
  }
}
