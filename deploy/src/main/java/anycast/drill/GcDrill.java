package anycast.drill;

import anycast.demo.FleetFault;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What looks like a stall and is none: pauses of all threads, collections of garbage, a machine
/// without CPU to spare, and a flood of row changes. Nobody may be killed for it.
///
/// **Threading.** One thread.
final class GcDrill {
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration STARVED = Duration.ofSeconds(20);

  /// Twice as many as most machines that run the demo have cores: all get a share, none enough.
  private static final int BURNERS = 8;

  /// With the worker's rows, ten thousand changes a second.
  private static final Duration PERIOD = Duration.ofMillis(100);

  private final Operator operator;
  private final Ward ward;
  private final Duration flood;
  private final Findings findings;
  private final PrintStream out;

  private GcDrill(Operator operator, Ward ward, Duration flood, PrintStream out) {
    this.operator = operator;
    this.ward = ward;
    this.flood = flood;
    this.out = out;
    this.findings = new Findings(out);
  }

  /// @param flood how long rows change
  /// @return whether nobody was killed
  static boolean run(Operator operator, Duration flood, int rate, PrintStream out)
      throws FleetFault, InterruptedException {
    Ward ward = new Ward(operator, rate, Ticker.system(), out);
    GcDrill drill = new GcDrill(operator, ward, flood, out);
    ward.open();
    try {
      ward.hold("before", Duration.ofSeconds(2));
      ward.settle();
      long beganNanos = ward.nowNanos();
      drill.pauses();
      drill.collections();
      drill.starvation();
      drill.flood();
      ward.hold("after", Duration.ofSeconds(5));
      drill.findings.deaths(ward.watch().deaths(beganNanos), List.of());
      drill.findings.failures(ward.failed().size(), ward.unexplained(List.of()));
    } finally {
      ward.close();
    }
    return drill.findings.verdict("nobody was killed for what was no stall");
  }

  private void title(String text) {
    out.println();
    out.println("== " + text);
  }

  private void pauses() throws FleetFault, InterruptedException {
    title("all threads of each proxy pause for " + PAUSE.toSeconds() + " s");
    for (String proxy : operator.sockets().keySet()) {
      long pid = ward.watch().pid(proxy);
      ward.step(proxy + " paused");
      operator.signal("STOP", pid, proxy);
      try {
        ward.patient().pause(PAUSE);
      } finally {
        operator.signal("CONT", pid, proxy);
      }
      ward.hold("goes on", Duration.ofSeconds(1));
    }
  }

  private void collections() throws FleetFault, InterruptedException {
    title("each proxy collects its garbage, all threads stopped, ten times in a row");
    ward.step("collections");
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    for (String proxy : operator.sockets().keySet()) {
      for (int i = 0; i < 10; i++) {
        operator.run(jcmd.toString(), Long.toString(ward.watch().pid(proxy)), "GC.run");
      }
    }
  }

  private void starvation() throws FleetFault, InterruptedException {
    title(BURNERS + " busy loops take the CPU for " + STARVED.toSeconds() + " s");
    List<Process> burners = new ArrayList<>();
    try {
      for (int i = 0; i < BURNERS; i++) {
        burners.add(
            new ProcessBuilder("setpriv", "--pdeathsig", "KILL", "sh", "-c", "while :; do :; done")
                .start());
      }
      ward.hold("starved", STARVED);
    } catch (IOException e) {
      throw new FleetFault("no busy loop could be started", e);
    } finally {
      for (Process burner : burners) {
        burner.destroyForcibly().waitFor();
      }
    }
  }

  private void flood() throws FleetFault, InterruptedException {
    title("10,000 row changes a second for " + flood.toSeconds() + " s");
    operator.write(IdleWorker.node());
    operator.write(IdleWorker.instances());
    try {
      ward.step("flood");
      long beganNanos = ward.nowNanos();
      long dueNanos = beganNanos;
      long changes = 0;
      while (ward.nowNanos() - beganNanos < flood.toNanos()) {
        operator.write(
            List.of(
                Statement.of(
                    "UPDATE instances SET gen = gen + 1, port = 9 + gen % 100"
                        + " WHERE node = 'wrk-drill-1'")));
        changes += IdleWorker.INSTANCES;
        dueNanos += PERIOD.toNanos();
        ward.patient().pause(Duration.ofNanos(dueNanos - ward.nowNanos()));
      }
      double seconds = (ward.nowNanos() - beganNanos) / 1e9;
      findings.say("%d changes, %.0f a second".formatted(changes, changes / seconds));
    } finally {
      operator.write(
          List.of(
              IdleWorker.withoutInstances(),
              Statement.of("DELETE FROM nodes WHERE id = 'wrk-drill-1'"),
              Statement.of("DELETE FROM apps WHERE name = 'bulk'")));
    }
  }
}
