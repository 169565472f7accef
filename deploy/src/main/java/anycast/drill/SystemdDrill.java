package anycast.drill;

import anycast.demo.FleetFault;
import anycast.demo.FleetIdentities;
import anycast.routing.model.rule.Poison;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/// An edge and a worker under a real systemd, run by the units of `deploy/systemd`: they start, are
/// stopped by a signal, lock up, spin and stop, while a client asks.
///
/// On a machine that `deploy/machine` made: units, jars and JDK are in their places.
///
/// **Threading.** One thread drills.
final class SystemdDrill implements AutoCloseable {
  private static final String EDGE = "anycast-edge@" + Installation.EDGE + ".service";
  private static final List<String> EDGE_SOCKETS =
      List.of(
          "anycast-edge@" + Installation.EDGE + ".socket",
          "anycast-edge-http@" + Installation.EDGE + ".socket");
  private static final String WORKER = "anycast-worker@" + Installation.WORKER + ".service";
  private static final String WORKER_SOCKET = "anycast-worker@" + Installation.WORKER + ".socket";

  /// Short enough to be waited for beyond, and long enough for a JVM on a busy machine to say its
  /// first word.
  private static final int START_SECONDS = 20;

  private static final int STOP_SECONDS = 8;
  private static final Duration BEYOND = Duration.ofSeconds(3);

  /// A stopped process is found, dumps, ends and is started anew; nobody waits as long for nothing.
  private static final int CLIENT_MILLIS = 60_000;

  /// What is struck again is struck within the time that the first stroke took.
  private static final Duration SETTLED = Duration.ofSeconds(6);

  private final Path dir;
  private final PrintStream out;
  private final Ticker ticker = Ticker.system();
  private final Findings findings;
  private final Systemd systemd;
  private final UnitWatch watch;
  private final Installation installed;
  private final Operator operator;
  private final Patient patient;
  private final OpenLoop load;
  private final Queue<OpenLoop.Sent> sent = new ConcurrentLinkedQueue<>();

  private SystemdDrill(Path dir, int rate, PrintStream out) throws FleetFault {
    this.dir = dir;
    this.out = out;
    this.findings = new Findings(out);
    this.systemd = new Systemd(out);
    this.watch = new UnitWatch(systemd, EDGE, ticker, out);
    this.installed = new Installation(dir, ticker);
    installed.write();
    this.operator = new Operator(dir, out, ticker);
    Client client = new Client(operator.ca(), CLIENT_MILLIS);
    this.patient =
        new Patient(operator, client, new Watch(operator.supervisor(), operator.sockets(), ticker));
    Tally tally = new Tally(List.of(Installation.APP), out);
    this.load = new OpenLoop(client, tally, rate, ticker, sent::add);
  }

  /// @return whether all went well
  static boolean run(Path dir, int rate, PrintStream out) throws FleetFault, InterruptedException {
    try (SystemdDrill drill = new SystemdDrill(dir, rate, out)) {
      boolean well = false;
      try {
        drill.all();
        well =
            drill.findings.verdict(
                "systemd started, watched, restarted and stopped edge and worker as it should");
      } finally {
        if (!well) {
          out.println(drill.systemd.journal(EDGE));
        }
      }
      return well;
    }
  }

  private void all() throws FleetFault, InterruptedException {
    installed.startState();
    systemd.edit(
        "anycast-edge@.service",
        "[Service]\nTimeoutStartSec=%d\nTimeoutStopSec=%d\n"
            .formatted(START_SECONDS, STOP_SECONDS));
    order("enable", "--now", List.of(WORKER_SOCKET, WORKER));
    watch.start();
    starts();
    confined();
    load.add(operator.targets(Installation.APP, Installation.HOST));
    load.start();
    try {
      stopped();
      poisons();
    } finally {
      load.finish();
    }
    stops();
    stopsWithItsSockets();
  }

  private void order(String verb, String option, List<String> units) throws FleetFault {
    systemd.order(Stream.concat(Stream.of(verb, option), units.stream()).toArray(String[]::new));
  }

  private void title(String what) {
    out.println();
    out.println("== " + what);
  }

  private void expect(boolean held, String what) {
    if (held) {
      findings.say(what);
    } else {
      findings.problem("NOT: " + what);
    }
  }

  private double seconds(long sinceNanos) {
    return (ticker.nanos() - sinceNanos) / 1e9;
  }

  private Systemd.Unit awaitUnit(String what, String unit, Wanted wanted) throws FleetFault {
    Systemd.Unit[] found = new Systemd.Unit[1];
    operator.await(
        what,
        () -> {
          try {
            found[0] = systemd.show(unit);
          } catch (FleetFault e) {
            throw new IOException(e);
          }
          return wanted.by(found[0]);
        });
    return found[0];
  }

  private interface Wanted {
    boolean by(Systemd.Unit unit);
  }

  /// It is not active before it says so, and gets more time than its unit gives it as long as it
  /// says that it needs it.
  private void starts() throws FleetFault, InterruptedException {
    title("the edge is started while its state does not answer");
    order("enable", "--now", EDGE_SOCKETS);
    systemd.order("enable", EDGE);
    operator.signal("STOP", installed.storePid(), "the state store");
    long beganNanos = ticker.nanos();
    systemd.order("start", "--no-block", EDGE);
    Curl early = Curl.start(operator.ca(), "/");
    patient.pause(Duration.ofSeconds(START_SECONDS).plus(BEYOND));
    Systemd.Unit waiting = systemd.show(EDGE);
    expect(
        waiting.active().equals("activating") && waiting.restarts() == 0,
        "%.0f s after its start it is %s (TimeoutStartSec=%d)"
            .formatted(seconds(beganNanos), waiting.active(), START_SECONDS));
    expect(!waiting.status().isEmpty(), "systemctl status says \"%s\"".formatted(waiting.status()));
    operator.signal("CONT", installed.storePid(), "the state store");
    Systemd.Unit running = awaitUnit("the edge is active", EDGE, Systemd.Unit::runs);
    expect(
        running.status().startsWith("serving"),
        "it is active, and says \"%s\"".formatted(running.status()));
    String answer = early.await();
    expect(
        answer.equals("200"),
        "a curl that had connected before it was ready has waited and got %s".formatted(answer));
    String later = Curl.start(operator.ca(), "/").await();
    expect(later.equals("200"), "a curl through its socket got %s".formatted(later));
    Systemd.Unit worker = systemd.show(WORKER);
    expect(
        worker.runs() && worker.status().startsWith("serving"),
        "the worker is %s and says \"%s\"".formatted(worker.active(), worker.status()));
  }

  /// The settings that confine them are in force on the very processes that just served.
  private void confined() throws FleetFault {
    title("what its unit takes from it");
    for (String unit : List.of(EDGE, WORKER)) {
      Path process = Path.of("/proc", Long.toString(systemd.show(unit).pid()));
      try {
        String status = Files.readString(process.resolve("status"));
        for (String line : List.of("CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2")) {
          expect(status.contains(line), unit + " has " + line.replace('\t', ' '));
        }
        expect(!status.contains("Uid:\t0"), unit + " is not root's");
        boolean readOnly =
            Files.readAllLines(process.resolve("mountinfo")).stream()
                .anyMatch(line -> line.matches(".* / / ro[ ,].*"));
        expect(readOnly, unit + " cannot write to /");
      } catch (IOException e) {
        throw new FleetFault("nothing can be read of " + unit, e);
      }
      systemd
          .journal(unit)
          .lines()
          .filter(line -> line.contains("WARN") || line.contains("ERROR"))
          .forEach(line -> findings.say("  it says: " + line));
    }
  }

  /// Nothing in it can notice: systemd does.
  private void stopped() throws FleetFault, InterruptedException {
    title("the edge is stopped by a signal");
    load.step("before");
    patient.awaitStable(operator.edges().getFirst());
    Systemd.Unit before = systemd.show(EDGE);
    Object folder = identity(Installation.RUN.resolve(Installation.EDGE));
    load.step("stopped");
    long stoppedNanos = ticker.nanos();
    operator.signal("STOP", before.pid(), EDGE);
    awaitEnd(before);
    findings.say("its process ended after %.1f s".formatted(seconds(stoppedNanos)));
    Systemd.Unit after = awaitUnit("the edge is active again", EDGE, Systemd.Unit::runs);
    patient.awaitServing(operator.edges().getFirst());
    findings.say("it served after %.1f s".formatted(seconds(stoppedNanos)));
    load.step("started anew");
    patient.pause(SETTLED);
    expect(
        watch.since(stoppedNanos).stream()
            .anyMatch(seen -> seen.unit().result().equals("watchdog")),
        "systemd ended it for its watchdog");
    expect(
        systemd.journal(EDGE).contains("Full thread dump"), "the journal has its threads' stacks");
    restartedOnce(before, after);
    expect(
        folder.equals(identity(Installation.RUN.resolve(Installation.EDGE))),
        "its runtime directory is the one that it had");
    answered(stoppedNanos);
  }

  private void awaitEnd(Systemd.Unit before) throws FleetFault {
    operator.await(
        "process " + before.pid() + " ends",
        () -> ProcessHandle.of(before.pid()).map(process -> !process.isAlive()).orElse(true));
  }

  private void restartedOnce(Systemd.Unit before, Systemd.Unit after) throws FleetFault {
    int restarts = systemd.show(EDGE).restarts() - before.restarts();
    expect(
        restarts == 1 && systemd.show(EDGE).pid() == after.pid(),
        "NRestarts has risen by %d".formatted(restarts));
  }

  private static Object identity(Path folder) throws FleetFault {
    try {
      return Files.getAttribute(folder, "unix:ino");
    } catch (IOException e) {
      throw new FleetFault(folder + " is not there", e);
    }
  }

  /// Who asked since it was struck was answered, but for those that a process took with it.
  private void answered(long sinceNanos) {
    List<OpenLoop.Sent> since =
        sent.stream().filter(each -> each.endedNanos() - sinceNanos >= 0).toList();
    long longest =
        since.stream()
            .filter(OpenLoop.Sent::well)
            .mapToLong(each -> each.endedNanos() - each.beganNanos())
            .max()
            .orElse(0);
    findings.say(
        "%d requests ended, the longest that was answered took %.1f s"
            .formatted(since.size(), longest / 1e9));
    List<OpenLoop.Sent> failed = since.stream().filter(each -> !each.well()).toList();
    findings.failures(
        failed.size(), failed.stream().filter(each -> !isTakenAlong(each, sinceNanos)).toList());
  }

  /// Whether it was on its way through a process when that was struck, or ended.
  private boolean isTakenAlong(OpenLoop.Sent one, long sinceNanos) {
    long slackNanos = Duration.ofSeconds(1).toNanos();
    return one.beganNanos() - sinceNanos <= 0
        || watch.since(sinceNanos).stream()
            .filter(seen -> seen.unit().pid() == 0)
            .anyMatch(seen ->
                one.beganNanos() - seen.atNanos() <= 0
                    && one.endedNanos() - seen.atNanos() >= -slackNanos);
  }

  /// A loop that waits for ever, and one that spins: the watchdog inside ends the process, systemd
  /// starts it again, and what did it stays out.
  private void poisons() throws FleetFault, InterruptedException {
    PoisonRows rows =
        new PoisonRows(
            new FleetIdentities(dir, InstantSource.system()), InstantSource.system().millis());
    operator.write(List.of(rows.certificate()));
    poison(rows, Poison.Kind.LOCK);
    poison(rows, Poison.Kind.SPIN);
  }

  private void poison(PoisonRows rows, Poison.Kind kind) throws FleetFault, InterruptedException {
    String name = "p-" + kind.name().toLowerCase(java.util.Locale.ROOT);
    title("a rule that does this to its loop: " + kind);
    Operator.Edge edge = operator.edges().getFirst();
    load.step(name + " good");
    operator.write(List.of(rows.good(name, "1")));
    patient.awaitVersion(edge, name, "1");
    patient.awaitStable(edge);
    operator.write(List.of(rows.poisoned(name, new Poison(kind, Poison.At.REQUEST))));
    patient.awaitRule(edge, name, "poisoned");
    Systemd.Unit before = systemd.show(EDGE);
    load.step(name + " poisoned");
    long struckNanos = ticker.nanos();
    patient.follow(edge, name);
    awaitEnd(before);
    findings.say("its process ended %.1f s after the stroke".formatted(seconds(struckNanos)));
    Systemd.Unit after = awaitUnit("the edge is active again", EDGE, Systemd.Unit::runs);
    patient.awaitServing(edge);
    findings.say("it served %.1f s after the stroke".formatted(seconds(struckNanos)));
    Patient.Quarantined entry = patient.awaitQuarantined(edge, PoisonRows.key(name));
    findings.say("it keeps it out: " + entry.reason());
    patient.awaitVersion(edge, name, "1");
    findings.say("it answers by the version before");
    load.step(name + " healed");
    patient.pause(SETTLED);
    restartedOnce(before, after);
    answered(struckNanos);
  }

  /// It finishes what it has, for longer than its unit gives it, and stays down until a client
  /// comes.
  private void stops() throws FleetFault {
    title("the edge is asked to stop while an exchange is under way");
    Systemd.Unit before = systemd.show(EDGE);
    long beganNanos = ticker.nanos();
    Duration slow = Duration.ofSeconds(STOP_SECONDS).plus(BEYOND).plus(BEYOND);
    Curl curl = Curl.start(operator.ca(), "/delay?ms=" + slow.toMillis());
    awaitUnit("an exchange is under way", EDGE, unit -> unit.status().contains("serving, 1 "));
    systemd.order("stop", "--no-block", EDGE);
    long stoppedNanos = ticker.nanos();
    Systemd.Unit draining =
        awaitUnit(
            "the edge says that it stops", EDGE, unit -> unit.status().startsWith("stopping"));
    expect(
        draining.sub().equals("stop-sigterm") && draining.pid() == before.pid(),
        "it is %s and says \"%s\"".formatted(draining.sub(), draining.status()));
    String answer = curl.await();
    expect(
        answer.equals("200"),
        "the exchange got %s, after %.1f s".formatted(answer, seconds(beganNanos)));
    Systemd.Unit rests =
        awaitUnit("the edge has stopped", EDGE, unit -> !unit.active().equals("deactivating"));
    expect(
        rests.restsWell(),
        "it is %s, %s, after %.1f s (TimeoutStopSec=%d)"
            .formatted(rests.active(), rests.result(), seconds(stoppedNanos), STOP_SECONDS));
    patient.pause(BEYOND);
    expect(systemd.show(EDGE).active().equals("inactive"), "nobody has started it again meanwhile");
    String later = Curl.start(operator.ca(), "/").await();
    expect(
        later.equals("200") && systemd.show(EDGE).runs(),
        "the next client starts it, by its socket, and got %s".formatted(later));
  }

  /// What an operator stops for good.
  private void stopsWithItsSockets() throws FleetFault {
    title("edge and worker are stopped with their sockets");
    Curl curl = Curl.start(operator.ca(), "/delay?ms=" + BEYOND.toMillis());
    awaitUnit("an exchange is under way", EDGE, unit -> unit.status().contains("serving, 1 "));
    order("disable", "--now", EDGE_SOCKETS);
    Systemd.Unit edge = systemd.show(EDGE);
    expect(edge.restsWell(), "the edge is %s, %s".formatted(edge.active(), edge.result()));
    String answer = curl.await();
    expect(answer.equals("200"), "the exchange got " + answer);
    order("disable", "--now", List.of(WORKER_SOCKET, WORKER));
    Systemd.Unit worker = systemd.show(WORKER);
    expect(worker.restsWell(), "the worker is %s, %s".formatted(worker.active(), worker.result()));
    String later = Curl.start(operator.ca(), "/").await();
    patient.pause(BEYOND);
    expect(
        !later.equals("200") && !systemd.show(EDGE).active().equals("active"),
        "nobody listens any more: " + later.lines().findFirst().orElse(""));
  }

  @Override
  public void close() {
    watch.close();
    operator.close();
    installed.close();
  }
}
