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
import java.util.Locale;
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

  /// What the unit says.
  private static final int START_SECONDS = 60;

  /// Short enough to be waited for beyond.
  private static final int STOP_SECONDS = 8;

  private static final Duration BEYOND = Duration.ofSeconds(3);

  /// Two cores with sixty threads that want them start a JVM in most of a minute.
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /// What is struck again is struck within the time that the first stroke took.
  private static final Duration SETTLED = Duration.ofSeconds(6);

  /// @param rate requests a second
  /// @param busy the machine does other things: nothing that takes a minute, and requests that fail
  ///   are told and count for nothing
  record Course(int rate, boolean busy) {}

  private final Path dir;
  private final Course course;
  private final PrintStream out;
  private final Ticker ticker = Ticker.system();
  private final Findings findings;
  private final Systemd systemd;
  private final UnitWatch watch;
  private final Installation installed;
  private final Operator operator;
  private final Patient patient;
  private final Client client;
  private final SentRequests requests;

  private SystemdDrill(Path dir, Course course, PrintStream out) throws FleetFault {
    this.dir = dir;
    this.course = course;
    this.out = out;
    this.findings = new Findings(out);
    this.requests = new SentRequests(course.busy());
    this.systemd = new Systemd(out);
    this.watch = new UnitWatch(systemd, EDGE, ticker, out);
    this.installed = new Installation(dir, ticker);
    installed.write();
    this.operator = new Operator(dir, PATIENCE, out, ticker);
    this.client = new Client(operator.ca(), (int) PATIENCE.toMillis());
    this.patient =
        new Patient(operator, client, new Watch(operator.supervisor(), operator.sockets(), ticker));
  }

  /// @return whether all went well
  static boolean run(Path dir, Course course, PrintStream out)
      throws FleetFault, InterruptedException {
    try (SystemdDrill drill = new SystemdDrill(dir, course, out)) {
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
    order("enable", "--now", List.of(WORKER_SOCKET, WORKER));
    watch.start();
    starts();
    title("what its unit takes from it");
    for (String unit : List.of(EDGE, WORKER)) {
      Confinement.check(systemd, unit, findings);
    }
    systemd.edit(
        "anycast-edge@.service",
        "[Service]\nTimeoutStartSec=%d\nTimeoutStopSec=%d\n"
            .formatted(PATIENCE.toSeconds(), STOP_SECONDS));
    OpenLoop load =
        new OpenLoop(
            client,
            new Tally(List.of(Installation.APP), out),
            course.rate(),
            ticker,
            requests::add);
    load.add(operator.targets(Installation.APP, Installation.HOST));
    load.start();
    try {
      stopped(load);
      poisons(load);
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
    awaitUnit("the edge tells how it is", EDGE, unit -> !unit.status().isEmpty());
    patient.pause(course.busy() ? BEYOND : Duration.ofSeconds(START_SECONDS));
    Systemd.Unit waiting = systemd.show(EDGE);
    findings.expect(
        waiting.active().equals("activating") && waiting.restarts() == 0,
        "%.0f s after its start it is %s (TimeoutStartSec=%d)"
            .formatted(seconds(beganNanos), waiting.active(), START_SECONDS));
    findings.expect(
        !waiting.status().isEmpty(), "systemctl status says \"%s\"".formatted(waiting.status()));
    operator.signal("CONT", installed.storePid(), "the state store");
    Systemd.Unit running = awaitUnit("the edge is active", EDGE, Systemd.Unit::runs);
    findings.expect(
        running.status().startsWith("serving"),
        "it is active, and says \"%s\"".formatted(running.status()));
    String answer = early.await();
    findings.expect(
        answer.equals("200"),
        "a curl that had connected before it was ready has waited and got %s".formatted(answer));
    String later = Curl.start(operator.ca(), "/").await();
    findings.expect(later.equals("200"), "a curl through its socket got %s".formatted(later));
    Systemd.Unit worker = systemd.show(WORKER);
    findings.expect(
        worker.runs() && worker.status().startsWith("serving"),
        "the worker is %s and says \"%s\"".formatted(worker.active(), worker.status()));
  }

  /// Nothing in it can notice: systemd does.
  private void stopped(OpenLoop load) throws FleetFault, InterruptedException {
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
    Curl early = Curl.start(operator.ca(), "/");
    Systemd.Unit after = awaitUnit("the edge is active again", EDGE, Systemd.Unit::runs);
    patient.awaitServing(operator.edges().getFirst());
    findings.say("it served after %.1f s".formatted(seconds(stoppedNanos)));
    String answer = early.await();
    findings.expect(
        answer.equals("200") || course.busy() && !answer.contains("connect"),
        "a curl that came while there was no process has waited and got " + answer);
    load.step("started anew");
    patient.pause(SETTLED);
    findings.expect(
        watch.since(stoppedNanos).stream()
            .anyMatch(seen -> seen.unit().result().equals("watchdog")),
        "systemd ended it for its watchdog");
    findings.expect(
        systemd.journal(EDGE).contains("Full thread dump"), "the journal has its threads' stacks");
    restartedOnce(before, after);
    findings.expect(
        folder.equals(identity(Installation.RUN.resolve(Installation.EDGE))),
        "its runtime directory is the one that it had");
    requests.tell(stoppedNanos, watch, findings);
  }

  private void awaitEnd(Systemd.Unit before) throws FleetFault {
    operator.await(
        "process " + before.pid() + " ends",
        () -> ProcessHandle.of(before.pid()).map(process -> !process.isAlive()).orElse(true));
  }

  private void restartedOnce(Systemd.Unit before, Systemd.Unit after) throws FleetFault {
    int restarts = systemd.show(EDGE).restarts() - before.restarts();
    findings.expect(
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

  /// A loop that waits for ever, and one that spins: the watchdog inside ends the process, systemd
  /// starts it again, and what did it stays out.
  private void poisons(OpenLoop load) throws FleetFault, InterruptedException {
    PoisonRows rows =
        new PoisonRows(
            new FleetIdentities(dir, InstantSource.system()), InstantSource.system().millis());
    operator.write(List.of(rows.certificate()));
    poison(load, rows, Poison.Kind.LOCK);
    poison(load, rows, Poison.Kind.SPIN);
  }

  private void poison(OpenLoop load, PoisonRows rows, Poison.Kind kind)
      throws FleetFault, InterruptedException {
    String name = "p-" + kind.name().toLowerCase(Locale.ROOT);
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
    requests.tell(struckNanos, watch, findings);
  }

  /// An exchange that has begun to answer, and goes on for as long.
  private Curl underWay(Duration length) throws FleetFault {
    int perSecond = 1000;
    Curl curl =
        Curl.start(
            operator.ca(),
            "/stream?rate=%d&bytes=%d".formatted(perSecond, length.toSeconds() * perSecond));
    operator.await("an exchange is under way", curl::isAnswering);
    return curl;
  }

  /// It finishes what it has, for longer than its unit gives it, and stays down until a client
  /// comes.
  private void stops() throws FleetFault {
    title("the edge is asked to stop while an exchange is under way");
    Systemd.Unit before = systemd.show(EDGE);
    long beganNanos = ticker.nanos();
    Duration slow = Duration.ofSeconds(STOP_SECONDS).plus(BEYOND).plus(BEYOND);
    Curl curl = underWay(slow);
    systemd.order("stop", "--no-block", EDGE);
    long stoppedNanos = ticker.nanos();
    Systemd.Unit draining =
        awaitUnit(
            "the edge says that it stops", EDGE, unit -> unit.status().startsWith("stopping"));
    findings.expect(
        draining.sub().equals("stop-sigterm") && draining.pid() == before.pid(),
        "it is %s and says \"%s\"".formatted(draining.sub(), draining.status()));
    String answer = curl.await();
    findings.expect(
        answer.equals("200"),
        "the exchange got %s, after %.1f s".formatted(answer, seconds(beganNanos)));
    Systemd.Unit rests =
        awaitUnit("the edge has stopped", EDGE, unit -> !unit.active().equals("deactivating"));
    findings.expect(
        rests.restsWell(),
        "it is %s, %s, after %.1f s (TimeoutStopSec=%d)"
            .formatted(rests.active(), rests.result(), seconds(stoppedNanos), STOP_SECONDS));
    patient.pause(BEYOND);
    findings.expect(
        systemd.show(EDGE).active().equals("inactive"), "nobody has started it again meanwhile");
    String later = Curl.start(operator.ca(), "/").await();
    findings.expect(
        later.equals("200") || course.busy() && !later.contains("connect"),
        "the next client starts it, by its socket, and got %s".formatted(later));
    awaitUnit("the edge is active again", EDGE, Systemd.Unit::runs);
  }

  /// What an operator stops for good.
  private void stopsWithItsSockets() throws FleetFault {
    title("edge and worker are stopped with their sockets");
    Curl curl = underWay(BEYOND);
    order("disable", "--now", EDGE_SOCKETS);
    Systemd.Unit edge = systemd.show(EDGE);
    findings.expect(edge.restsWell(), "the edge is %s, %s".formatted(edge.active(), edge.result()));
    String answer = curl.await();
    findings.expect(answer.equals("200"), "the exchange got " + answer);
    order("disable", "--now", List.of(WORKER_SOCKET, WORKER));
    Systemd.Unit worker = systemd.show(WORKER);
    findings.expect(
        worker.restsWell(), "the worker is %s, %s".formatted(worker.active(), worker.result()));
    String later = Curl.start(operator.ca(), "/").await();
    patient.pause(BEYOND);
    findings.expect(
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
