package anycast.drill;

import anycast.demo.FleetFault;
import anycast.demo.Supervised;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// An edge dies at each start, as its configuration is garbled, until somebody mends it.
///
/// **Threading.** One thread.
final class CrashLoopDrill {
  /// Some starts in a row, of which each takes a second and the pauses grow.
  private static final Duration LOOPING = Duration.ofSeconds(30);

  /// The longest pause of the demo's supervisor, and a start.
  private static final Duration RECOVERY = Duration.ofSeconds(15);

  /// Half of the longest pause, without the first ones.
  private static final Duration GROWN = Duration.ofMillis(1500);

  private final Operator operator;
  private final Ward ward;
  private final Findings findings;
  private final Operator.Edge edge;

  private CrashLoopDrill(Operator operator, Ward ward, PrintStream out) {
    this.operator = operator;
    this.ward = ward;
    this.findings = new Findings(out);
    this.edge = operator.edges().getFirst();
  }

  /// @return whether all went well
  static boolean run(Operator operator, int rate, PrintStream out)
      throws FleetFault, InterruptedException {
    Ward ward = new Ward(operator, rate, Ticker.system(), out);
    CrashLoopDrill drill = new CrashLoopDrill(operator, ward, out);
    ward.open();
    try {
      ward.hold("before", Duration.ofSeconds(2));
      ward.settle();
      drill.loop();
    } finally {
      ward.close();
    }
    return drill.findings.verdict(
        "starts became rarer, the other edge served, and what was mended recovered");
  }

  private void loop() throws FleetFault, InterruptedException {
    Path config = edge.socket().resolveSibling(edge.name() + ".yaml");
    try {
      String good = Files.readString(config);
      try {
        Files.writeString(config, "garbled: [\n" + good);
        crash();
      } finally {
        Files.writeString(config, good);
      }
    } catch (IOException e) {
      throw new FleetFault(config + " could not be garbled and mended", e);
    }
    ward.step("mended");
    long mendedNanos = ward.nowNanos();
    ward.patient().awaitServing(edge);
    double seconds = (ward.nowNanos() - mendedNanos) / 1e9;
    findings.say("%s serves %.1f s after it was mended".formatted(edge.name(), seconds));
    if (seconds > RECOVERY.toSeconds()) {
      findings.problem("it took longer than " + RECOVERY.toSeconds() + " s");
    }
    ward.hold("mended", Duration.ofSeconds(3));
    List<OpenLoop.Sent> elsewhere =
        ward.failed().stream().filter(sent -> !sent.target().edge().equals(edge.https())).toList();
    findings.failures(ward.failed().size(), elsewhere);
    told(ward.failed().stream().filter(sent -> !elsewhere.contains(sent)).toList());
    findings.deaths(
        ward.watch().deaths(0).stream()
            .filter(death -> !death.process().equals(edge.name()))
            .toList(),
        List.of());
  }

  /// How long clients of the dead edge waited for nothing: whoever is refused can go elsewhere.
  private void told(List<OpenLoop.Sent> failed) {
    List<Long> millis =
        failed.stream()
            .map(sent -> (sent.endedNanos() - sent.beganNanos()) / 1_000_000)
            .sorted()
            .toList();
    if (!millis.isEmpty()) {
      findings.say(
          "clients of the dead edge were told after %d ms (median), %d ms (p99), %d ms at most"
              .formatted(
                  millis.get(millis.size() / 2),
                  millis.get(millis.size() * 99 / 100),
                  millis.getLast()));
    }
  }

  /// Kills it and looks how often it is started.
  private void crash() throws FleetFault, InterruptedException {
    ward.step("dies at each start");
    Supervised.Service before = service();
    operator.signal("KILL", before.pid(), edge.name());
    long beganNanos = ward.nowNanos();
    List<Long> startsNanos = new ArrayList<>();
    long starts = before.restarts();
    while (ward.nowNanos() - beganNanos < LOOPING.toNanos()) {
      long now = service().restarts();
      if (now > starts) {
        startsNanos.add(ward.nowNanos());
        starts = now;
        findings.say(
            "start %d, %.1f s after the end"
                .formatted(startsNanos.size(), (ward.nowNanos() - beganNanos) / 1e9));
      }
      ward.patient().pause(Duration.ofMillis(50));
    }
    if (startsNanos.size() < 3) {
      findings.problem("it was started only " + startsNanos.size() + " times");
      return;
    }
    List<Long> gapsNanos = new ArrayList<>();
    for (int i = 1; i < startsNanos.size(); i++) {
      gapsNanos.add(startsNanos.get(i) - startsNanos.get(i - 1));
    }
    // The first start is as slow as a cold disk; the last gap is cut by chance by half at most.
    long shortest = gapsNanos.stream().min(Long::compare).orElseThrow();
    if (gapsNanos.getLast() < shortest + GROWN.toNanos()) {
      findings.problem("the pauses between its starts did not grow");
    }
  }

  private Supervised.Service service() throws FleetFault {
    try {
      return operator.supervisor().service(edge.name(), Duration.ofSeconds(5));
    } catch (IOException e) {
      throw new FleetFault("the supervisor does not answer", e);
    }
  }
}
