package anycast.drill;

import anycast.demo.FleetFault;
import anycast.demo.Health;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Instances are cordoned, switched, slowed, fail their checks, lag, freeze and are killed, one at
/// a time, while a client asks: as long as another instance is well, no request may fail.
///
/// **Threading.** One thread.
final class Healthy {
  private static final int TIMEOUT_MILLIS = 10_000;

  private static final String OUT = "shop-2";
  private static final String OTHER = "shop-3";

  private final Operator operator;
  private final Duration hold;
  private final PrintStream out;
  private final Tally tally;
  private final OpenLoop load;

  /// @param hold how long each step is left to show what it does
  /// @param rate requests a second to each host through each edge
  Healthy(Operator operator, Duration hold, int rate, PrintStream out) {
    this.operator = operator;
    this.hold = hold;
    this.out = out;
    this.tally = new Tally(List.of("shop", "labels"), out);
    this.load = new OpenLoop(new Client(operator.ca()), tally, rate, Ticker.system());
  }

  /// @return whether no request failed
  boolean run() throws FleetFault, InterruptedException {
    load.add(operator.targets("shop", "shop.demo.test"));
    load.add(operator.targets("labels", "labels.demo.test"));
    load.start();
    try {
      step("before");
      hold();
      cordonAndSwitch();
      flap();
      lagAndSlowness();
      freeze();
      kill();
    } finally {
      load.finish();
    }
    int failed = tally.failures().size();
    tally.failures().stream()
        .limit(20)
        .forEach(failure ->
            out.printf(
                "  second %d, %s: %s %s%n",
                failure.second(), failure.step(), failure.label(), failure.how()));
    out.printf(
        "%nVERDICT: %s of %d requests failed%n", failed == 0 ? "none" : failed, tally.total());
    return failed == 0;
  }

  private void cordonAndSwitch() throws FleetFault, InterruptedException {
    step("cordoned");
    tool("cordon", OUT, "--reason", "drill");
    hold();
    step("switched");
    tool("switch", "--to", OUT, "--from", OTHER);
    hold();
    step("switched back");
    tool("switch", "--to", OTHER, "--from", OUT);
    hold();
    step("uncordoned");
    tool("uncordon", OUT);
    hold();
  }

  private void tool(String... arguments) throws FleetFault, InterruptedException {
    List<String> all = new java.util.ArrayList<>(List.of(arguments));
    all.addAll(List.of("--state", operator.stateUrl()));
    if (operator.proxyctl(all.toArray(String[]::new)) != 0) {
      throw new FleetFault("proxyctl " + arguments[0] + " failed");
    }
  }

  private void flap() throws FleetFault, InterruptedException {
    step("checks flap");
    for (int i = 0; i < 2; i++) {
      control(OUT, "health=fail");
      awaitHealth(OUT, "failing");
      control(OUT, "health=ok");
      awaitHealth(OUT, "ready");
    }
  }

  private void lagAndSlowness() throws FleetFault, InterruptedException {
    step("lags");
    control(OTHER, "lag=500");
    awaitHealth(OTHER, "lagging");
    control(OTHER, "lag=0");
    awaitHealth(OTHER, "ready");
    step("slow");
    control(OUT, "delay=700");
    hold();
    control(OUT, "delay=0");
  }

  /// It is there, takes connections and answers nothing.
  private void freeze() throws FleetFault, InterruptedException {
    step("frozen");
    signal("STOP", OTHER);
    try {
      awaitHealth(OTHER, "failing");
    } finally {
      signal("CONT", OTHER);
    }
    step("thawed");
    awaitHealth(OTHER, "ready");
  }

  private void kill() throws FleetFault, InterruptedException {
    step("killed");
    signal("KILL", OUT);
    hold();
    awaitHealth(OUT, "failing");
  }

  private void signal(String name, String instance) throws FleetFault, InterruptedException {
    operator.signal(name, operator.instance(instance).path("pid").asLong(), instance);
  }

  private void control(String instance, String what) throws FleetFault {
    String url =
        "http://" + operator.instance(instance).path("address").asText() + "/control?" + what;
    out.println("$ curl " + url + "   # " + instance);
    try {
      HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new FleetFault(instance + " does not take control", e);
    }
  }

  /// Until both edges see it so.
  private void awaitHealth(String instance, String wanted) throws FleetFault {
    for (Operator.Edge edge : operator.edges()) {
      operator.await(
          edge.name() + " sees " + instance + " " + wanted,
          () -> health(edge, instance).equals(wanted));
    }
  }

  private static String health(Operator.Edge edge, String instance) throws IOException {
    for (JsonNode row : Health.ask(edge.socket(), "/instances").path("instances")) {
      if (row.path("id").asText().equals(instance)) {
        return row.path("standing").asText();
      }
    }
    return "";
  }

  private void step(String name) {
    load.step(name);
    out.println("== " + name);
  }

  private void hold() {
    Ticker ticker = Ticker.system();
    long untilNanos = ticker.nanos() + hold.toNanos();
    while (untilNanos - ticker.nanos() > 0) {
      LockSupport.parkNanos(untilNanos - ticker.nanos());
    }
  }
}
