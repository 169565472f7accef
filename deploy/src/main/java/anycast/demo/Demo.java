package anycast.demo;

import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Starts the demo fleet and keeps it until it is told to stop; `deploy/demo` runs it.
@Command(name = "demo")
public final class Demo implements Callable<Integer> {
  /// Twelve JVMs on two cores, with others at work beside them.
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(120);

  private static final String LINE = "%-11s %-7d %-9s %s";

  @Option(names = "--dir", required = true)
  private Path dir;

  @Option(names = "--ports", defaultValue = "0")
  private int basePort;

  @Option(names = "--state", defaultValue = "store")
  private FleetSettings.Engine state;

  @Option(names = "--jvm", defaultValue = "")
  private String jvmFlags;

  @Option(names = "--caches")
  private Path caches;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Demo()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    List<String> flags = jvmFlags.isBlank() ? List.of() : List.of(jvmFlags.strip().split(" +"));
    try {
      Claim claim = Claim.of(dir.toAbsolutePath());
      FleetSettings settings =
          new FleetSettings(
              claim.dir(), ports(), state, flags, Optional.ofNullable(caches), READY_TIMEOUT);
      Fleet fleet = Fleet.start(settings, Ticker.system(), InstantSource.system());
      print(fleet);
      // Last: whoever waits for this file finds everything else in place.
      FleetFile.write(fleet);
      new CountDownLatch(1).await(); // until a signal; the fleet's shutdown hook stops it
      Reference.reachabilityFence(claim); // a lock that nobody holds on to is given up
      return 0;
    } catch (FleetFault e) {
      System.err.println("demo: " + e.getMessage());
      return 1;
    }
  }

  private int ports() throws FleetFault {
    int last = basePort + FleetSettings.PORTS - 1;
    if (basePort != 0 && (basePort < 1 || last > 0xffff)) {
      throw new FleetFault(
          "--ports wants a first port from 1 to " + (0x10000 - FleetSettings.PORTS));
    }
    return basePort;
  }

  private static void print(Fleet fleet) {
    PrintWriter out = new PrintWriter(System.out, true);
    out.printf("The fleet runs; everything it writes is in %s%n%n", fleet.dir());
    out.printf("%-11s %-7s %-9s %s%n", "PROCESS", "PID", "HEALTH", "ADDRESSES");
    out.println(line(fleet, "state", fleet.stateUrl()));
    out.println(line(fleet, Fleet.SUPERVISOR, SupervisorFile.socket(fleet.dir()).toString()));
    for (FleetPlan.Proxy edge : FleetPlan.EDGES) {
      String https = "https " + fleet.address(edge.name(), "https");
      out.println(line(fleet, edge.name(), https + "  http " + fleet.address(edge.name(), "http")));
    }
    for (FleetPlan.Proxy worker : FleetPlan.WORKERS) {
      out.println(
          line(fleet, worker.name(), "backhaul " + fleet.address(worker.name(), "backhaul")));
    }
    for (FleetPlan.Instance instance : FleetPlan.INSTANCES) {
      String of = "  app %s on %s".formatted(instance.app(), instance.node());
      out.println(line(fleet, instance.id(), fleet.address(instance.id(), "app") + of));
    }
    out.printf("%nTry:%n");
    CurlLines.of(fleet).forEach((name, command) -> out.println("  # " + name + "\n  " + command));
    operate(fleet, out);
    out.printf("%nAsk a proxy (its address is its admin socket):%n");
    String edge = FleetFile.quoted(fleet.socket("edge-fra-1").toString());
    for (String question :
        List.of("status", "routes", "explain https://hello.demo.test/", "links")) {
      out.printf("  deploy/proxyctl --socket %s %s%n", edge, question);
    }
    heal(fleet, out);
    out.printf(
        "%nCtrl-C, or deploy/demo --stop %s when detached, ends it.%n",
        FleetFile.quoted(fleet.dir().toString()));
  }

  private static void heal(Fleet fleet, PrintWriter out) {
    String supervisor = FleetFile.quoted(SupervisorFile.socket(fleet.dir()).toString());
    String edge = FleetFile.quoted(fleet.socket("edge-fra-1").toString());
    out.printf(
        "%nWho watches (the proxies run under a supervisor; deploy/drill poison tries it):%n");
    out.printf("  deploy/proxyctl --socket %s services%n", supervisor);
    out.printf("  deploy/proxyctl --socket %s watchdog%n", edge);
    out.printf("  deploy/proxyctl --socket %s quarantine list%n", edge);
  }

  private static void operate(Fleet fleet, PrintWriter out) {
    String state = "--state " + fleet.stateUrl();
    String document = FleetFile.quoted(fleet.dir().resolve("shop.yaml").toString());
    out.printf("%nOperate (shop.yaml is the virtual service; change it first):%n");
    for (String command :
        List.of(
            "vs validate " + document,
            "vs apply " + document + " " + state,
            "vs history shop " + state,
            "vs rollback shop " + state,
            "cordon shop-2 --reason 'a disk' " + state,
            "uncordon shop-2 " + state,
            "switch --from shop-2 --to shop-4 " + state)) {
      out.println("  deploy/proxyctl " + command);
    }
  }

  private static String line(Fleet fleet, String name, String addresses) {
    ChildProcess child = fleet.child(name);
    if (child == null) {
      String health = Health.of(fleet.socket(name));
      return LINE.formatted(name, pid(fleet, name), health, addresses);
    }
    return LINE.formatted(name, child.pid(), child.alive() ? "serving" : "ended", addresses);
  }

  private static long pid(Fleet fleet, String proxy) {
    try {
      return fleet.supervised().pid(proxy);
    } catch (IOException e) {
      return 0;
    }
  }
}
