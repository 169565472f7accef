package anycast.drill;

import anycast.backhaul.identity.PrivateCa;
import anycast.demo.FleetFault;
import anycast.demo.FleetIdentities;
import anycast.demo.Health;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The drill, in the order in which it happens: an old backup under the running fleet, a worker's
/// thousand rows, garbled rows; a client asks every app through both edges all along.
final class Reseed {
  private static final int ROWS_A_TRANSACTION = 250;
  private static final String OLD = "old.demo.test";
  private static final String LATE = "late.demo.test";

  /// Apps that no step touches, and one whose only row is garbled.
  private static final List<String> UNTOUCHED = List.of("hello", "echo");

  private static final String GARBLED = "wild";

  private final Operator operator;
  private final FleetIdentities identities;
  private final Path dir;
  private final Duration hold;
  private final PrintStream out;
  private final Ticker ticker;
  private final Client client;
  private final Tally tally;
  private final OpenLoop load;
  private final List<Target> old;
  private final List<Target> late;

  /// @param hold how long each step is left to show what it does
  /// @param rate requests a second to each app through each edge
  Reseed(Operator operator, Path dir, Duration hold, int rate, PrintStream out) throws FleetFault {
    this.operator = operator;
    this.dir = dir;
    this.hold = hold;
    this.out = out;
    this.ticker = Ticker.system();
    this.identities = new FleetIdentities(dir, InstantSource.system());
    this.client = new Client(operator.ca());
    this.tally = new Tally(List.of("hello", "echo", "wild", "old", "late"), out);
    this.load = new OpenLoop(client, tally, rate, ticker);
    this.old = operator.targets("old", OLD);
    this.late = operator.targets("late", LATE);
  }

  /// @return whether no request to an untouched app failed
  boolean run() throws FleetFault, InterruptedException {
    operator.write(host(OLD, "hello"));
    awaitAnswers(old, true);
    load.add(operator.targets("hello", "hello.demo.test"));
    load.add(operator.targets("echo", "echo.demo.test"));
    load.add(operator.targets("wild", "any.wild.demo.test"));
    load.add(old);
    load.start();
    try {
      hold("before");
      goBackInTime();
      massDelete();
      garble();
    } finally {
      load.finish();
    }
    Operator.Edge edge = operator.edges().getFirst();
    operator.ask(List.of(edge), "state");
    operator.ask(operator.edges(), "audit", "--wait");
    cleanUp();
    return Verdict.of(tally.failures(), UNTOUCHED, GARBLED).tell(tally.total(), out);
  }

  private void goBackInTime() throws FleetFault, InterruptedException {
    title("an old backup is restored under the running fleet");
    Operator.Edge edge = operator.edges().getFirst();
    Path backup = dir.resolve("drill-" + ticker.nanos() + ".backup");
    operator.backup(backup);
    load.step("changed since backup");
    List<Statement> changes = new ArrayList<>(host(LATE, "echo"));
    changes.add(Statement.of("INSERT OR REPLACE INTO apps (name, gen) VALUES ('late', 1)"));
    changes.add(Statement.of("DELETE FROM hostnames WHERE name = ?", OLD));
    operator.write(changes);
    awaitAnswers(late, true);
    awaitAnswers(old, false);
    load.add(late);
    long before = operator.version(edge);
    hold("changed since backup");
    load.step("store stopped");
    operator.restore(backup);
    load.step("restored");
    awaitAnswers(old, true);
    awaitAnswers(late, false);
    hold("restored");
    operator.ask(List.of(edge), "diff", Long.toString(before), "now");
    operator.ask(List.of(edge), "changes", "--since", "5m", "--limit", "8");
  }

  private void massDelete() throws FleetFault, InterruptedException {
    title("a worker's thousand rows come and go");
    load.step("thousand rows");
    long before = rows(operator.edges().getFirst());
    operator.write(IdleWorker.node());
    List<Statement> rows = IdleWorker.instances();
    for (int i = 0; i < rows.size(); i += ROWS_A_TRANSACTION) {
      operator.write(rows.subList(i, i + ROWS_A_TRANSACTION));
    }
    operator.awaitState(
        "the rows are there", state -> instances(state) >= before + IdleWorker.INSTANCES);
    hold("thousand rows");
    operator.write(List.of(IdleWorker.withoutInstances()));
    operator.awaitState("the rows are gone", state -> instances(state) <= before);
    hold("rows deleted");
    operator.ask(
        List.of(operator.edges().getFirst()),
        "changes",
        "--since",
        "5m",
        "--table",
        "instances",
        "--limit",
        "5");
  }

  private void garble() throws FleetFault, InterruptedException {
    title("an instance's row and a certificate are garbled");
    load.step("garbled");
    String chain = operator.read("SELECT chain FROM certificates WHERE name = ?", OLD);
    operator.write(
        List.of(
            Statement.of("UPDATE instances SET state = 'sideways' WHERE id = 'wild-1'"),
            Statement.of("UPDATE certificates SET chain = '' WHERE name = ?", OLD)));
    operator.awaitState("both are named", state -> state.path("skipped").size() >= 2);
    hold("garbled");
    operator.ask(operator.edges(), "state");
    operator.write(
        List.of(
            Statement.of("UPDATE instances SET state = 'started' WHERE id = 'wild-1'"),
            Statement.of("UPDATE certificates SET chain = ? WHERE name = ?", chain, OLD)));
    operator.awaitState("nothing is skipped", state -> state.path("skipped").isEmpty());
    hold("mended");
  }

  private void cleanUp() throws FleetFault, InterruptedException {
    operator.write(
        List.of(
            Statement.of("DELETE FROM hostnames WHERE name IN (?, ?)", OLD, LATE),
            Statement.of("DELETE FROM certificates WHERE name IN (?, ?)", OLD, LATE),
            Statement.of("DELETE FROM nodes WHERE id = 'wrk-drill-1'"),
            Statement.of("DELETE FROM apps WHERE name IN ('bulk', 'late')")));
  }

  private List<Statement> host(String name, String app) throws FleetFault {
    PrivateCa.Issued issued = identities.publicCertificate(name);
    return List.of(
        Statement.of(
            "INSERT OR REPLACE INTO hostnames (name, app, gen) VALUES (?, ?, 1)", name, app),
        Statement.of(
            "INSERT OR REPLACE INTO certificates (name, chain, \"key\", gen) VALUES (?, ?, ?, 1)",
            name,
            issued.certificate(),
            issued.key()));
  }

  private void awaitAnswers(List<Target> targets, boolean well) throws FleetFault {
    for (Target target : targets) {
      operator.await(
          target.host() + (well ? " answers" : " is unknown") + " at " + target.edge(),
          () -> client.get(target).equals("200") == well);
    }
  }

  private long rows(Operator.Edge edge) throws FleetFault {
    long[] rows = new long[1];
    operator.await(
        "the state of " + edge.name(),
        () -> {
          rows[0] = instances(Health.ask(edge.socket(), "/state"));
          return true;
        });
    return rows[0];
  }

  private static long instances(JsonNode state) {
    long rows = 0;
    for (JsonNode feed : state.path("tables")) {
      rows += feed.path("table").asText().equals("instances") ? feed.path("rows").asLong() : 0;
    }
    return rows;
  }

  private void hold(String step) {
    load.step(step);
    long endNanos = ticker.nanos() + hold.toNanos();
    for (long left = hold.toNanos(); left > 0; left = endNanos - ticker.nanos()) {
      LockSupport.parkNanos(left);
    }
  }

  private void title(String text) {
    out.println();
    out.println("== " + text);
  }
}
