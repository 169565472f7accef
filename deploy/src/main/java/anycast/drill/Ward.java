package anycast.drill;

import anycast.demo.FleetFault;
import anycast.routing.time.Ticker;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The fleet under observation: a client asks every app through both edges, and somebody looks
/// after processes and operators.
///
/// **Threading.** One thread drills.
final class Ward {
  /// How late a death is noticed at most, and a connection's end comes after it.
  private static final Duration NOTICED = Duration.ofMillis(500);

  private final Operator operator;
  private final Ticker ticker;
  private final Watch watch;
  private final OpenLoop load;
  private final Patient patient;
  private final Queue<OpenLoop.Sent> failed = new ConcurrentLinkedQueue<>();
  private final List<Away> away = new ArrayList<>();

  /// When the drill itself had a process stopped, by the ticker.
  private record Away(String process, long fromNanos, long toNanos) {}

  /// @param rate requests a second to each app through each edge
  Ward(Operator operator, int rate, Ticker ticker, PrintStream out) {
    this.operator = operator;
    this.ticker = ticker;
    this.watch = new Watch(operator.supervisor(), operator.sockets(), ticker);
    Client client = new Client(operator.ca());
    Tally tally = new Tally(List.of("hello", "echo", "wild", "shop"), out);
    this.load = new OpenLoop(client, tally, rate, ticker, this::onSent);
    this.patient = new Patient(operator, client, watch);
  }

  private void onSent(OpenLoop.Sent sent) {
    if (!sent.well()) {
      failed.add(sent);
    }
  }

  void open() {
    load.add(operator.targets("hello", "hello.demo.test"));
    load.add(operator.targets("echo", "echo.demo.test"));
    load.add(operator.targets("wild", "any.wild.demo.test"));
    load.add(operator.targets("shop", "shop.demo.test"));
    watch.start();
    load.start();
  }

  void close() throws InterruptedException {
    load.finish();
    watch.finish();
  }

  /// What is done from now on, for the table.
  void step(String name) {
    load.step(name);
  }

  void hold(String step, Duration length) {
    load.step(step);
    patient.pause(length);
  }

  Watch watch() {
    return watch;
  }

  Patient patient() {
    return patient;
  }

  long nowNanos() {
    return ticker.nanos();
  }

  /// Waits until every proxy is ready and the client is answered at every edge, and forgets what
  /// failed: what a drill before left behind is not this one's.
  void settle() throws FleetFault {
    operator.await(
        "every proxy is ready",
        () ->
            operator.supervisor().services().stream()
                .allMatch(service -> service.state().equals("ready")));
    for (Operator.Edge edge : operator.edges()) {
      patient.awaitServing(edge);
    }
    failed.clear();
  }

  /// Stops an edge: until [#start], its socket refuses who connects, which is no failure.
  void stop(Operator.Edge edge) throws FleetFault {
    away.add(new Away(edge.name(), nowNanos(), Long.MAX_VALUE));
    patient.stop(edge);
  }

  /// Starts one that was stopped.
  void start(Operator.Edge edge) throws FleetFault {
    patient.start(edge);
    Away last = away.removeLast();
    away.add(new Away(last.process(), last.fromNanos(), nowNanos()));
  }

  /// What failed since the last [#settle].
  List<OpenLoop.Sent> failed() {
    return List.copyOf(failed);
  }

  /// Those that were not on their way through a process when it ended, and found it started.
  List<OpenLoop.Sent> unexplained(List<Watch.Death> deaths) {
    return failed.stream().filter(sent -> !excused(sent, deaths) && !foundAway(sent)).toList();
  }

  private boolean foundAway(OpenLoop.Sent sent) {
    return away.stream()
        .anyMatch(gap ->
            sent.endedNanos() - gap.fromNanos() >= 0
                && sent.beganNanos() <= gap.toNanos()
                && passes(sent.target(), gap.process()));
  }

  private boolean excused(OpenLoop.Sent sent, List<Watch.Death> deaths) {
    for (Watch.Death death : deaths) {
      boolean before = sent.beganNanos() - death.atNanos() <= 0;
      boolean after = sent.endedNanos() - death.atNanos() >= -NOTICED.toNanos();
      if (before && after && passes(sent.target(), death.process())) {
        return true;
      }
    }
    return false;
  }

  /// Whether a request may have gone through this process: an edge other than its own it has not.
  private boolean passes(Target target, String process) {
    return operator.edges().stream()
        .noneMatch(edge -> edge.name().equals(process) && !edge.https().equals(target.edge()));
  }
}
